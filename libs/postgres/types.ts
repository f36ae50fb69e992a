import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const TEXT_ARRAY = 1009;
const DATE = 1082;

/** How values arrive, where it is not as pg has it: exact integers, and dates that no time zone moves to the day before. */
export const types = new pg.TypeOverrides();
types.setTypeParser(INT8, BigInt);
types.setTypeParser(INT8_ARRAY, (text) => parseTexts(text).map((item) => (item === null ? null : BigInt(item))));
types.setTypeParser(DATE, String);

function parseTexts(text: string): (string | null)[] {
  // Its type knows no arrays.
  return pg.types.getTypeParser(TEXT_ARRAY as number)(text);
}
