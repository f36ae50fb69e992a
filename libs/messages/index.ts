// Between the messages of the contracts and the values that services work with.
export { keyReused } from './keys.ts';
export { type Page, pageOf } from './page.ts';
export { type KeyKind, type Reader, read } from './reader.ts';
export { timestamp } from './timestamp.ts';
