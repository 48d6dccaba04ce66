package io.github.rollback4j.spring;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Takes a header of the request that this thread serves for the key. Loaded only where Spring's servlet support is there. */
final class RequestHeader implements RolloutKeyResolver {

    private final String header;

    RequestHeader(String header) {
        this.header = header;
    }

    @Override
    public @Nullable Object keyOf(String rollout, Method method, @Nullable Object[] arguments) {
        if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes served)) {
            return null;
        }
        String key = served.getRequest().getHeader(header);
        return key == null || key.isBlank() ? null : key;
    }
}
