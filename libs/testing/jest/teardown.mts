// biome-ignore lint/style/noDefaultExport: jest wants one
export { stopServer as default } from '../server.ts';
