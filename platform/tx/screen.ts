// A part of the terminal that is drawn again and again.

export interface Screen {
  show(text: string): void;
  /** Leaves what was shown last, and the terminal as it was. */
  end(): void;
}

interface Output {
  readonly isTTY?: boolean;
  /** 0 where it isn't known. */
  readonly rows?: number;
  write(text: string): unknown;
}

const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?1049l\x1b[?25h';
const home = '\x1b[H';
const clearLine = '\x1b[K';
const clearBelow = '\x1b[J';

/** On a terminal it draws over what was there; elsewhere it writes what has changed. */
export function createScreen(output: Output): Screen {
  let last = '';
  let entered = false;
  return {
    show(text) {
      if (output.isTTY) {
        const lines = text.split('\n').slice(0, output.rows || undefined);
        output.write(`${entered ? '' : enter}${home}${lines.join(`${clearLine}\n`)}${clearLine}${clearBelow}`);
        entered = true;
      } else if (text !== last) output.write(`${text}\n\n`);
      last = text;
    },
    end() {
      if (entered) output.write(`${leave}${last}\n`);
      entered = false;
    },
  };
}
