// Names for prepared statements.

const LIMIT = 500;
const names = new Map<string, string>();

/**
 * The name under which each connection prepares the text, once; the same text has the same name. Undefined when there are
 * too many already, as when texts are put together from values: those are parsed every time.
 */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= LIMIT) return known;
  const name = `assent_${names.size + 1}`;
  names.set(text, name);
  return name;
}
