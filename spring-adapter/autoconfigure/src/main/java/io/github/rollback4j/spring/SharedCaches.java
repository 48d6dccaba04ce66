package io.github.rollback4j.spring;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.support.BeanDefinitionValidationException;
import org.springframework.cache.annotation.AnnotationCacheOperationSource;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;

/** Refuses two releases that read each other's cached results: a defect of one would be served, and counted, by the other. */
final class SharedCaches {

    private final CacheOperationSource source = new AnnotationCacheOperationSource();

    /** @throws BeanDefinitionValidationException if there is a cache of both */
    void refuse(String where, Set<String> stable, Set<String> candidate) {
        Set<String> shared = new TreeSet<>(stable);
        shared.retainAll(candidate);
        if (!shared.isEmpty()) {
            throw new BeanDefinitionValidationException(where + ": stable and candidate share the cache"
                    + (shared.size() == 1 ? " " : "s ") + String.join(", ", shared)
                    + ", and each would serve what the other has put there; give the candidate a cache of its own, or say"
                    + " allowSharedCache = true");
        }
    }

    /** Returns the names of the caches that methods use. */
    Set<String> of(Collection<Method> methods, Class<?> owner) {
        Set<String> names = new TreeSet<>();
        for (Method method : methods) {
            Collection<CacheOperation> operations = source.getCacheOperations(method, owner);
            if (operations != null) {
                operations.forEach(each -> names.addAll(each.getCacheNames()));
            }
        }
        return names;
    }
}
