/** Tries an assertion again until it holds; when it doesn't in time, fails with its last error. */
export async function eventually<T>(assertion: () => T | Promise<T>, timeout_ms = 30_000): Promise<T> {
  const end = performance.now() + timeout_ms;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
