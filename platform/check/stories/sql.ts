// What the queries of stories have in common.

/** Whether an account or a product is one of the histories'. */
export const inScope = (column: string) => `EXISTS (SELECT FROM scopes WHERE starts_with(${column}, scope || '-'))`;

/** FILE:LINE, the file by its number. */
export const at = (alias: string, line = 'line') => `${alias}.file || ':' || ${alias}.${line}`;

/** A row of a story: what it is about, its place in the story, and what the model is told. */
export const step = (subject: string, rank: number, place: string, fields: string, from: string) =>
  `SELECT ${subject} AS subject, ${rank} AS rank, ${place} AS place, json_build_object(${fields}) AS step FROM ${from}`;
