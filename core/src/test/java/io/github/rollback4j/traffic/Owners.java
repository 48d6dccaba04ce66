package io.github.rollback4j.traffic;

import java.util.List;

/** Tells tests of other packages whose a key is. */
public final class Owners {

    private Owners() {}

    /** Returns the place of the owner that counts a key's first calls. */
    public static int of(List<String> owners, String salt, long key) {
        long position = Subject.of(key).position(Split.parse(salt));
        for (int i = 0; i < owners.size(); i++) {
            if (Slots.of(owners, owners.get(i)).has(position)) {
                return i;
            }
        }
        throw new AssertionError("key " + key + " is nobody's");
    }
}
