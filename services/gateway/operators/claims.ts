// Which of those that an issuer knows are operators.
import type { JWTPayload } from 'jose';

/** A claim that operators have: with this value, or with this one among others. */
export interface Claim {
  readonly name: string;
  readonly value: string;
}

/** From `groups=shop-operators,sub=system:serviceaccount:ops:alice`; undefined when it isn't like that. */
export function parseClaims(text: string): Claim[] | undefined {
  const entries = text.split(',').map((entry) => /^([^=]+)=(.+)$/.exec(entry.trim()));
  return entries.includes(null) ? undefined : entries.map((entry) => ({ name: entry![1]!, value: entry![2]! }));
}

/** Whether a token has one of them. */
export function hasOne(payload: JWTPayload, claims: readonly Claim[]): boolean {
  return claims.some(({ name, value }) => {
    const found = claimOf(payload, name);
    if (Array.isArray(found)) return found.includes(value);
    // The one claim that is a list with spaces: RFC 8693, section 4.2.
    return name === 'scope' ? `${found}`.split(' ').includes(value) : found === value;
  });
}

/** Who it is, for the audit and as a header: undefined when the claim is nothing that can be written there. */
export function nameOf(payload: JWTPayload, claim: string): string | undefined {
  const name = claimOf(payload, claim);
  return typeof name === 'string' && /^[!-~](?:[ -~]{0,198}[!-~])?$/.test(name) ? name : undefined;
}

/** The claim of this name; or the one inside of others, with a dot between: `realm_access.roles`. */
function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  const inside = (value: unknown, part: string) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, part)
      ? (value as Record<string, unknown>)[part]
      : undefined;
  return name.split('.').reduce<unknown>(inside, payload);
}
