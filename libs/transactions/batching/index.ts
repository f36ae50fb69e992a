export { asTheyCome } from './arrivals.ts';
export { type CollectorOptions, createCollector } from './collector.ts';
