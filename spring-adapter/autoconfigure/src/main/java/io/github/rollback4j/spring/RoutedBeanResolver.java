package io.github.rollback4j.spring;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.context.annotation.ContextAnnotationAutowireCandidateResolver;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;

/**
 * Keeps routed beans out of collections, arrays, maps and streams of their interface, which hold the two beans that they stand
 * for. Spring has no attribute of a bean for that: {@code autowireCandidate} and {@code defaultCandidate} would take it from
 * those who want one, too.
 */
final class RoutedBeanResolver extends ContextAnnotationAutowireCandidateResolver {

    /** Marks the definition of a routed bean. */
    static final String ROUTED = RoutedBeanResolver.class.getName() + ".routed";

    @Override
    public boolean isAutowireCandidate(BeanDefinitionHolder bean, DependencyDescriptor wanted) {
        BeanDefinition definition = bean.getBeanDefinition();
        return super.isAutowireCandidate(bean, wanted)
                && (!definition.hasAttribute(ROUTED) || !wantsAll(definition.getResolvableType(), wanted));
    }

    private static boolean wantsAll(ResolvableType routed, DependencyDescriptor wanted) {
        // ObjectProvider.stream() asks with a descriptor of a class that only Spring sees.
        return wanted.getClass().getSimpleName().startsWith("Stream") || holdsSeveral(routed, declared(wanted));
    }

    // From outside in: ObjectProvider<List<Quotes>> wants all, ObjectProvider<Quotes> one.
    private static boolean holdsSeveral(ResolvableType routed, ResolvableType declared) {
        ResolvableType type = declared;
        while (!type.equals(ResolvableType.NONE)) {
            Class<?> raw = type.resolve(Object.class);
            if (raw.isAssignableFrom(routed.resolve(Object.class))) {
                return false;
            }
            if (raw.isArray()
                    || Collection.class.isAssignableFrom(raw)
                    || Map.class.isAssignableFrom(raw)
                    || Stream.class.isAssignableFrom(raw)) {
                return true;
            }
            type = type.getGeneric();
        }
        return false;
    }

    private static ResolvableType declared(DependencyDescriptor wanted) {
        Field field = wanted.getField();
        if (field != null) {
            return ResolvableType.forField(field);
        }
        MethodParameter parameter = wanted.getMethodParameter();
        return parameter == null
                ? ResolvableType.NONE
                : ResolvableType.forMethodParameter(
                        MethodParameter.forExecutable(parameter.getExecutable(), parameter.getParameterIndex()));
    }
}
