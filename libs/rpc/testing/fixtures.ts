// Apart from the fixture itself, which programs outside of jest use too.
import { afterEach } from '@jest/globals';
import { type Fixture, startFixture } from './fixture.ts';

/** For a test file: starts fixtures, and closes them after each test, with what else is in `open`. */
export function fixtures() {
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const { close } of open.splice(0)) close();
  });
  return {
    open,
    async fixture(...parameters: Parameters<typeof startFixture>): Promise<Fixture> {
      const started = await startFixture(...parameters);
      open.push(started);
      return started;
    },
  };
}
