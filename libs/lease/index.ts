export type { LeaseName } from './kubernetes.ts';
export { type Elected, electedBy, everywhere, type Singleton } from './singleton.ts';
