import type { Panel } from '../chart/figure.ts';
import type { Claim } from './report/claim.ts';
import type { Table } from './report/table.ts';
import type { Stage } from './stage/stage.ts';

/** Something that one can try, and what it should show. */
export interface Experiment {
  readonly name: string;
  /** What is to be seen, in a line. */
  readonly title: string;
  /** What is done, in a paragraph of Markdown. */
  readonly about: string;
  /** Unless the command says something else. */
  readonly usual: Settings;
  run(stage: Stage, settings: Settings): Promise<Findings>;
}

export interface Settings {
  /** Calls per second; 0 in an experiment that finds out by itself how many. */
  readonly rate: number;
  /** Of each part that is measured. */
  readonly duration_s: number;
}

export interface Findings {
  readonly claims: readonly Claim[];
  readonly tables: readonly Table[];
  readonly panels: readonly Panel[];
  /** Paragraphs of Markdown, about what the numbers don't say by themselves. */
  readonly notes?: readonly string[];
}
