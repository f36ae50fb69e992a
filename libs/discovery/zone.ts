import { sliceApi } from './sources/kubernetes-api.ts';
import { parseSlice } from './sources/slices.ts';
import { kubernetesService } from './targets.ts';

// Nothing is watched.
const SILENCE_MS = 0;

/**
 * Where a pod is: the zone in its entry in the EndpointSlices of its service, ready or not; '' when its node is in none, undefined
 * as long as it has no entry. Throws an error of one line that says what is wrong and what to do.
 *
 * @param target of the pod's own service, such as `kubernetes:///inventory.shop:grpc`
 * @param address of the pod
 */
export async function lookUpZone(target: string, address: string, signal: AbortSignal): Promise<string | undefined> {
  const service = kubernetesService({ scheme: 'kubernetes', path: target.replace(/^kubernetes:\/\/\//, '') });
  const api = await sliceApi(service, SILENCE_MS);
  const { slices } = await api.list(signal);
  const endpoints = slices.map(parseSlice).flatMap((slice) => slice.endpoints ?? []);
  const own = endpoints.find(({ addresses }) => addresses.includes(address));
  return own && (own.zone ?? '');
}
