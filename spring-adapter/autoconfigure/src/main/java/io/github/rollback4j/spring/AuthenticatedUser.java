package io.github.rollback4j.spring;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/** Takes the name of the authenticated user for the key. Loaded only where Spring Security is there. */
final class AuthenticatedUser implements RolloutKeyResolver {

    @Override
    public @Nullable Object keyOf(String rollout, Method method, @Nullable Object[] arguments) {
        Authentication user = SecurityContextHolder.getContext().getAuthentication();
        if (user == null || !user.isAuthenticated() || user instanceof AnonymousAuthenticationToken) {
            return null;
        }
        String name = user.getName();
        return name == null || name.isEmpty() ? null : name;
    }
}
