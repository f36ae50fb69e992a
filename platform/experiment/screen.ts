import { clearLine, cursorTo } from 'node:readline';
import { styleText } from 'node:util';

/** What people see while experiments run. */
export interface Screen {
  /** The name of what comes next. */
  begin(name: string): void;
  /** What happens now; on a terminal the last words stay, with a clock. */
  note(text: string): void;
  say(text: string): void;
  /** Coloured on a terminal only. */
  mark(isGood: boolean): string;
  close(): void;
}

const period_ms = 500;

export function openScreen(): Screen {
  const { stdout } = process;
  // The terminal may be closed before everything has ended.
  stdout.on('error', () => {});
  const paint = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text, { stream: stdout });
  let status = '';
  let begun_ms = 0;
  const clear = () => {
    if (!stdout.isTTY) return;
    cursorTo(stdout, 0);
    clearLine(stdout, 0);
  };
  const say = (text: string) => {
    clear();
    stdout.write(`${text}\n`);
  };
  const timer = setInterval(() => {
    if (!stdout.isTTY || status === '') return;
    clear();
    stdout.write(paint('gray', `  … ${((performance.now() - begun_ms) / 1000).toFixed(0)} s`));
  }, period_ms);
  return {
    begin(name) {
      status = '';
      say(`\n${paint('bold', name)}`);
    },
    note(text) {
      status = text;
      begun_ms = performance.now();
      say(`  ${paint('gray', text)}`);
    },
    say(text) {
      status = '';
      say(text);
    },
    mark: (isGood) => (isGood ? paint('green', '✓') : paint('red', '✗')),
    close() {
      clearInterval(timer);
      clear();
    },
  };
}
