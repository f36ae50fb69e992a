import { gauge, type Logger } from '@assent/telemetry';
import { type Certificates, check, day, expiries, isSame, readCertificates } from './certificates.ts';
import { createReminder } from './reminder.ts';

/** Certificates in a directory that may be replaced at any time. */
export interface Keeper {
  current(): Certificates;
  /** Hears of those that replace the current ones. Gives what ends it. */
  watch(listener: (certificates: Certificates) => void): () => void;
  close(): void;
}

export interface KeeperOptions {
  /** Has tls.crt and tls.key. */
  readonly directory: string;
  /** The DNS name that they must be for: then there is a ca.crt too. Without it they are for the world. */
  readonly name?: string;
  readonly log: Logger;
  /** How often the directory is looked at; 10 s. */
  readonly reload_ms?: number;
}

const RELOAD_MS = 10_000;
const DAY_MS = 86_400_000;
/** Of the time that a certificate is valid; whoever renews it is expected to when a third is left. */
const LAST_PART = 1 / 6;

const expiry = gauge(
  'assent_tls_certificate_expiry_seconds',
  'How long until a certificate expires; negative when it has.',
  ['certificate'],
);

/**
 * Reads the certificates, and goes on to do so. Those that others wouldn't believe are refused: at first by an error, later with a
 * warning while those from before stay in use.
 */
export async function keepCertificates(options: KeeperOptions): Promise<Keeper> {
  const { directory, name, log, reload_ms = RELOAD_MS } = options;
  const listeners = new Set<(certificates: Certificates) => void>();
  const read = () => readCertificates(directory, name !== undefined);
  const remind = reminder(directory, log);
  let current = await read();
  await check(current, directory, name);
  remind(current);
  let told: string | undefined;

  async function reload(): Promise<void> {
    try {
      const found = await read();
      if (!isSame(found, current)) {
        await check(found, directory, name);
        current = found;
        log.info({ directory, expires: day(expiries(current).leaf.to_ms) }, 'there are new certificates');
        for (const listener of listeners) listener(current);
      }
      told = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (message !== told) log.warn({ err: error }, `the certificates from before stay in use: ${message}`);
      told = message;
    }
    remind(current);
  }

  const unwatch = expiry.watch(() => samples(current));
  let isReading = false;
  const timer = setInterval(async () => {
    if (isReading) return;
    isReading = true;
    await reload();
    isReading = false;
  }, reload_ms).unref();
  return {
    current: () => current,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      clearInterval(timer);
      unwatch();
      listeners.clear();
    },
  };
}

function samples(certificates: Certificates) {
  const { leaf, authority_ms } = expiries(certificates);
  const sample = (certificate: string, to_ms: number) => ({
    labels: { certificate },
    value: (to_ms - Date.now()) / 1_000,
  });
  if (authority_ms === undefined) return [sample('edge', leaf.to_ms)];
  return [sample('service', leaf.to_ms), sample('authority', authority_ms)];
}

/** Warns, once a day, of a certificate that ought to have been renewed. */
function reminder(directory: string, log: Logger): (certificates: Certificates) => void {
  const soon = createReminder(DAY_MS);
  const expired = createReminder(DAY_MS);
  return (certificates) => {
    const { from_ms, to_ms } = expiries(certificates).leaf;
    const left_ms = to_ms - Date.now();
    const about = { directory, expires: day(to_ms) };
    if (left_ms <= 0) expired(() => log.error(about, 'the certificate has expired, new connections fail: renew it'));
    else if (left_ms < (to_ms - from_ms) * LAST_PART)
      soon(() => log.warn(about, `the certificate expires at ${day(to_ms)}: renew it`));
  };
}
