import { clearLine, cursorTo } from 'node:readline';
import { styleText } from 'node:util';

/** What people see while experiments run. */
export interface Screen {
  say(text: string): void;
  /** Keeps a line with the last words and the time up to date, on a terminal. */
  begin(name: string): void;
  /** Colours only on a terminal. */
  readonly mark: (isGood: boolean) => string;
  readonly strong: (text: string) => string;
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
  const show = () => {
    if (!stdout.isTTY || status === '') return;
    clear();
    stdout.write(paint('gray', `${((performance.now() - begun_ms) / 1000).toFixed(0).padStart(4)} s  ${status}`));
  };
  const timer = setInterval(show, period_ms);
  const say = (text: string) => {
    clear();
    stdout.write(`${text}\n`);
  };
  return {
    say(text) {
      say(`  ${paint('gray', text)}`);
      if (begun_ms > 0) status = text;
    },
    begin(name) {
      begun_ms = performance.now();
      status = '';
      say(`\n${paint('bold', name)}`);
    },
    mark: (isGood) => (isGood ? paint('green', '✓') : paint('red', '✗')),
    strong: (text) => paint('bold', text),
    close() {
      clearInterval(timer);
      clear();
    },
  };
}
