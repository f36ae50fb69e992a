/** The values of promises as they come, by their place; those that come together, together. The promises must not reject. */
export async function* asTheyCome<T>(
  promises: readonly Promise<T>[],
): AsyncGenerator<{ readonly index: number; readonly value: T }[]> {
  let arrived: { index: number; value: T }[] = [];
  let some = Promise.withResolvers<void>();
  for (const [index, promise] of promises.entries()) {
    void promise.then((value) => {
      arrived.push({ index, value });
      some.resolve();
    });
  }
  for (let missing = promises.length; missing > 0; ) {
    await some.promise;
    const ready = arrived;
    arrived = [];
    some = Promise.withResolvers();
    missing -= ready.length;
    yield ready;
  }
}
