// In a child process: its functions, which the experiment calls.

/** Of one argument, which can be sent to another process; so can the results. */
// biome-ignore lint/suspicious/noExplicitAny: functions of any argument are assignable to no other type
export type Functions = Readonly<Record<string, (input: any) => unknown>>;

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

export type Answer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: string };

/** Lets the process that started this one call the functions. When that one is gone, so is this one. */
export function answerParent(functions: Functions): void {
  process.once('disconnect', () => process.exit(0));
  process.on('message', async ({ id, name, input }: Question) => {
    try {
      process.send?.({ id, output: await functions[name]?.(input) } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: (error as Error).message } satisfies Answer);
    }
  });
}

/** By the system's clock, which all processes share, as exact as performance.now(). */
export function clock_ms(): number {
  return performance.timeOrigin + performance.now();
}
