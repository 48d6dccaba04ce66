package io.github.rollback4j.spring.actuate;

import java.security.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;

/** Says who asks: what is written into the journal is who is logged in, never what a request says. */
final class LoggedIn {

    /** What whoever is not is told. */
    static final RolloutViews.Refused NOBODY = new RolloutViews.Refused(
            "nobody is logged in, and the journal must say who did it: protect the endpoint",
            List.of("a user who is logged in"));

    private LoggedIn() {}

    /** Returns the user's name; null where nobody is logged in. */
    static @Nullable String name(SecurityContext user) {
        Principal principal = user.getPrincipal();
        String name = principal == null ? null : principal.getName();
        return name == null || name.isBlank() ? null : name;
    }
}
