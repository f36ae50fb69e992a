export interface Law {
  readonly name: string;
  readonly explanation: string;
}

/** What breaks a law. */
export interface Breach {
  readonly law: Law;
  /** The order, account or product that it is about. */
  readonly subject: string;
  readonly seen: string;
  readonly expected: string;
  /** FILE:LINE, the file by its number. */
  readonly lines: readonly string[];
}

/** Notes that a law is broken. */
export type Report = (law: Law, seen: string, expected: string, lines: readonly (string | null | undefined)[]) => void;

/** Collects what breaks laws about one subject. */
export function breachesOf(subject: string, judge: (report: Report) => void): Breach[] {
  const breaches: Breach[] = [];
  judge((law, seen, expected, lines) => {
    breaches.push({ law, subject, seen, expected, lines: [...new Set(lines.filter((line) => line != null))] });
  });
  return breaches;
}
