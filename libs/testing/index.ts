export { openTestDatabase, patient, type TestDatabase, testDatabase } from './database.ts';
export { eventually } from './eventually.ts';
export { setKubeconfig } from './kubeconfig.ts';
export { overlap } from './overlap.ts';
export { type ProcessOptions, type ServiceProcess, startProcess } from './process.ts';
