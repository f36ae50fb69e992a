export { type Bug, bugs, isBug, rulesWith } from './bugs.ts';
export { type History, type HistoryOptions, runHistory } from './history.ts';
export { type Batch, createLogTables, type LogTables, type Row } from './log/tables.ts';
export { type Rules, realRules } from './rules.ts';
export { createTally, type Tally } from './tally.ts';
export { directory as transcripts, tellAll } from './transcripts.ts';
