package io.github.rollback4j.spring;

import io.github.rollback4j.release.Release;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Notes the release in a header of the response. Loaded only where Spring's servlet support is there. */
record ResponseHeaderLabel(String header) implements ReleaseLabel {

    @Override
    public void put(String rolloutId, Release release) {
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes served) {
            HttpServletResponse response = served.getResponse();
            if (response != null && !response.isCommitted()) {
                response.setHeader(header, rolloutId + "; release=" + release.identity());
            }
        }
    }
}
