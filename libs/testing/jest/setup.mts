// .mts, so that Node itself loads it.
// biome-ignore lint/style/noDefaultExport: jest wants one
export { startServer as default } from '../server.ts';
