import { sqlState } from './errors.ts';

const byState: Readonly<Record<string, string>> = {
  '28P01': 'is it the right role and password?',
  28000: 'does the role exist, and does the server let it in from here (pg_hba.conf)?',
  '3D000': 'create it, owned by the role in its URL',
  42501: 'the role must own the database',
};

const untrusted = 'give the file of its authority in the URL: ?sslmode=verify-full&sslrootcert=FILE';
const byCode: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: 'the host in the URL must be one that is in the certificate of the server',
};

/** What to do about a database that can't be used, when waiting doesn't mend it; undefined when nothing is known. */
export function advice(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const state = sqlState(error);
  if (state !== undefined) return byState[state];
  return ('code' in error ? byCode[String(error.code)] : undefined) ?? advice(error.cause);
}
