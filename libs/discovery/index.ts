/** Teaches grpc-js to find services by files of EndpointSlices and to balance by load. Safe to repeat. */
export function installDiscovery(): void {
  throw new Error('to be written');
}
