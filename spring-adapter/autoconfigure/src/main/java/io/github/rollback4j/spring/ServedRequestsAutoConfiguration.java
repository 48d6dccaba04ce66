package io.github.rollback4j.spring;

import io.micrometer.observation.ObservationHandler;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/** Counts the HTTP requests of a service that is the candidate itself, as Spring observes them. */
@AutoConfiguration(after = Rollback4jAutoConfiguration.class)
public class ServedRequestsAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    @ConditionalOnClass({ObservationHandler.class, ServerRequestObservationContext.class, HttpServletRequest.class})
    static class Servlet {
        @Bean
        ObservationHandler<ServerRequestObservationContext> rolloutServedRequests(
                DeployedRelease release, Rollback4jProperties properties) {
            return new OfServlets(release, properties.http());
        }
    }

    private static final class OfServlets extends ServedRequests<ServerRequestObservationContext> {

        OfServlets(DeployedRelease release, Rollback4jProperties.Http which) {
            super(ServerRequestObservationContext.class, release, which);
        }

        @Override
        @Nullable
        String path(ServerRequestObservationContext context) {
            HttpServletRequest request = context.getCarrier();
            return request == null ? null : request.getRequestURI();
        }

        @Override
        int status(ServerRequestObservationContext context) {
            HttpServletResponse response = context.getResponse();
            return response == null ? 0 : response.getStatus();
        }

        @Override
        boolean isAborted(ServerRequestObservationContext context) {
            return false;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
    @ConditionalOnClass(ObservationHandler.class)
    static class Reactive {
        @Bean
        ObservationHandler<org.springframework.http.server.reactive.observation.ServerRequestObservationContext>
                rolloutServedRequests(DeployedRelease release, Rollback4jProperties properties) {
            return new OfReactiveServers(release, properties.http());
        }
    }

    private static final class OfReactiveServers
            extends ServedRequests<
                    org.springframework.http.server.reactive.observation.ServerRequestObservationContext> {

        OfReactiveServers(DeployedRelease release, Rollback4jProperties.Http which) {
            super(
                    org.springframework.http.server.reactive.observation.ServerRequestObservationContext.class,
                    release,
                    which);
        }

        @Override
        @Nullable
        String path(org.springframework.http.server.reactive.observation.ServerRequestObservationContext context) {
            var request = context.getCarrier();
            return request == null ? null : request.getPath().value();
        }

        @Override
        int status(org.springframework.http.server.reactive.observation.ServerRequestObservationContext context) {
            var response = context.getResponse();
            var status = response == null ? null : response.getStatusCode();
            return status == null ? 0 : status.value();
        }

        @Override
        boolean isAborted(
                org.springframework.http.server.reactive.observation.ServerRequestObservationContext context) {
            return context.isConnectionAborted();
        }
    }
}
