// The address that a request comes from, when proxies stand before the gateway.
import { BlockList, isIP, isIPv4 } from 'node:net';

export type IsTrusted = (address: string) => boolean;

/** From addresses and networks such as `10.0.0.0/8, ::1`; undefined when one of them is none. */
export function parseProxies(text: string): IsTrusted | undefined {
  const list = new BlockList();
  for (const entry of text.split(',').map((entry) => entry.trim())) {
    const [address = '', prefix, ...more] = entry.split('/');
    const [family, bits] = isIPv4(address) ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
    if (isIP(address) === 0 || more.length > 0 || !/^\d{1,3}$/.test(prefix ?? '0') || Number(prefix) > bits)
      return undefined;
    list.addSubnet(address, Number(prefix ?? bits), family);
  }
  return (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/**
 * Where a request comes from: what the nearest proxy that isn't trusted says of itself, that is the last address of
 * X-Forwarded-For that no trusted proxy has. Whatever stands before it anybody may have written.
 * @param peer the other end of the connection
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, isTrusted: IsTrusted): string {
  let address = plain(peer) ?? peer;
  for (const hop of (forwardedFor ?? '').split(',').reverse()) {
    const before = isIP(address) !== 0 && isTrusted(address) ? plain(hop.trim()) : undefined;
    if (before === undefined) break;
    address = before;
  }
  return network(address);
}

/** An address without its port, brackets, zone, and what makes IPv6 of IPv4. */
function plain(text: string): string | undefined {
  const [, host] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ??
    /^(\d+(?:\.\d+){3})(?::\d+)?$/.exec(text) ?? [undefined, text];
  const address = host!.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address;
}

/** IPv6 by its first 64 bits: whoever has one address has them all. */
function network(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - width(head) - width(tail)).fill('0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** In groups of 16 bits; an IPv4 address at the end is two. */
function width(groups: readonly string[]): number {
  return groups.length + (groups.at(-1)?.includes('.') ? 1 : 0);
}
