// Jest wants a default export; a .mts file is one that Node itself loads.
export { startServer as default } from '../server.ts';
