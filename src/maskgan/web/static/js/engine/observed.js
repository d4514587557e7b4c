/**
 * Plain settings that tell when they change.
 */

/**
 * The same object; assigning another value to one of its properties calls `changed`.
 * @template {object} T
 * @param {T} values
 * @param {() => void} changed
 * @returns {T}
 */
export function observed(values, changed) {
  return new Proxy(values, {
    set(target, name, value) {
      const before = Reflect.get(target, name);
      const done = Reflect.set(target, name, value);
      if (!Object.is(before, value)) changed();
      return done;
    },
  });
}
