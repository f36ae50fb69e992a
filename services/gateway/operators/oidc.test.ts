import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@assent/telemetry';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { parseClaims } from './claims.ts';
import { createVerify, type OidcOptions } from './oidc.ts';

const audience = 'assent';
const mine = 'system:serviceaccount:ops:alice';
let pair: { privateKey: CryptoKey; publicKey: CryptoKey };
let other: typeof pair;
let server: Server;
let issuer: string;
let requests: IncomingMessage[];
/** What the issuer answers, by path. */
let answers: Record<string, () => unknown>;
let lines: string[];

beforeAll(async () => {
  [pair, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
});

beforeEach(async () => {
  [requests, lines] = [[], []];
  server = createServer((request, response) => {
    requests.push(request);
    const body = answers[request.url!]?.();
    response.statusCode = body === undefined ? 404 : 200;
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' };
  answers = {
    '/.well-known/openid-configuration': () => ({ issuer, jwks_uri: `${issuer}/keys` }),
    '/keys': () => ({ keys: [key] }),
  };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function verify(options: Partial<OidcOptions> = {}) {
  const claims = parseClaims(`sub=${mine},groups=operators,realm.roles=operator,scope=repair`)!;
  const log = { warn: (_: object, text: string) => lines.push(text) } as unknown as Logger;
  return createVerify({ issuer, audience, claims, nameClaim: 'sub', log, ...options });
}

const now_s = () => Math.floor(Date.now() / 1000);

type Claims = Readonly<Record<string, unknown>>;

function token(claims: Claims = {}, { key = pair.privateKey, kid = 'one' } = {}): Promise<string> {
  const payload = { iss: issuer, aud: [audience], sub: mine, exp: now_s() + 600, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(key);
}

test('an operator is who has the claim, by its name', async () => {
  const operator = verify();
  expect(await operator(await token())).toBe(mine);
  for (const claims of [
    { groups: ['customers', 'operators'] },
    { groups: 'operators' },
    { realm: { roles: ['operator'] } },
    { scope: 'openid repair' },
  ]) {
    expect(await operator(await token({ sub: 'bob', ...claims }))).toBe('bob');
  }
  expect(await verify({ nameClaim: 'email' })(await token({ email: 'alice@example.com' }))).toBe('alice@example.com');
  // Without it Kubernetes' API server has no answer.
  expect(requests[1]!.headers.accept).toContain('application/jwk-set+json');
  // The keys were asked for once by each, and where they are.
  expect(requests.map(({ url }) => url)).toEqual([
    '/.well-known/openid-configuration',
    '/keys',
    '/.well-known/openid-configuration',
    '/keys',
  ]);
});

describe('refused, with a reason, is a token', () => {
  test.each<[string, Claims]>([
    ['TOKEN_AUDIENCE', { aud: 'https://kubernetes.default.svc' }],
    ['TOKEN_AUDIENCE', { aud: [] }],
    ['TOKEN_EXPIRED', { exp: now_s() - 60 }],
    ['TOKEN_INVALID', { exp: undefined }],
    ['TOKEN_NOT_YET', { nbf: now_s() + 600 }],
    ['TOKEN_ISSUER', { iss: 'https://elsewhere.example' }],
    ['TOKEN_ISSUER', { iss: undefined }],
  ])('%s: %j', async (reason, claims) => {
    await expect(verify()(await token(claims))).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason });
  });

  test.each<[Claims]>([
    [{ sub: 'system:serviceaccount:ops:mallory' }],
    [{ sub: 'bob', groups: ['operators-not'] }],
    [{ sub: 'bob', scope: 'repairs' }],
    [{ sub: 'bob', groups: { operators: true } }],
    [{ sub: 'a\r\nb', groups: ['operators'] }],
    [{ sub: 'é', groups: ['operators'] }],
    [{ sub: undefined, groups: ['operators'] }],
  ])('of one that is no operator: %j', async (claims) => {
    await expect(verify()(await token(claims))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      reason: 'OPERATORS_ONLY',
    });
  });

  test('that the issuer has not signed', async () => {
    const operator = verify();
    const claims = { iss: issuer, aud: audience, sub: mine, exp: now_s() + 600 };
    const [head, body, signature] = (await token()).split('.');
    const forged = [
      await token({}, { key: other.privateKey }),
      await token({}, { kid: 'unknown' }),
      new UnsecuredJWT(claims).encode(),
      // The public key, taken for a secret.
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(Buffer.from((await exportJWK(pair.publicKey)).n!)),
      `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')}.${signature}`,
      `${head}.${body}.`,
    ];
    for (const token of forged) {
      await expect(operator(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' });
    }
    await expect(operator('a.b.c')).rejects.toMatchObject({ reason: 'TOKEN_ISSUER' });
    // Keys that nobody knows make nobody ask for them over and over.
    expect(requests).toHaveLength(2);
  });
});

test('without the keys it is told to come back, the issuer has its peace, and the log a line', async () => {
  answers['/keys'] = () => undefined;
  const operator = verify();
  const good = await token();
  for (let count = 0; count < 5; count++) {
    await expect(operator(good)).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'TOKEN_ISSUER_UNAVAILABLE' });
  }
  // On a machine that is busy it may be asked again, but not each time.
  expect(lines.length).toBe(requests.length - 1);
  expect(lines.length).toBeLessThan(5);
});

test.each<[string, () => unknown]>([
  ['/.well-known/openid-configuration', () => ({ issuer: 'https://elsewhere.example', jwks_uri: `${issuer}/keys` })],
  ['/.well-known/openid-configuration', () => ({ issuer, jwks_uri: issuer.replace('http', 'ftp') })],
  ['/.well-known/openid-configuration', () => ({ issuer })],
  ['/.well-known/openid-configuration', () => '<html>'],
  ['/keys', () => ({ keys: 'none' })],
  ['/keys', () => `"${'x'.repeat(2 << 20)}"`],
])('%s of another kind is as good as none: %s', async (path, answer) => {
  answers[path] = answer;
  await expect(verify()(await token())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('the server that has the keys is shown a token, and others are not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oidc-'));
  const elsewhere = createServer((request, response) => {
    requests.push(request);
    response.end(JSON.stringify(answers['/keys']!()));
  }).listen(0, '127.0.0.1');
  try {
    await once(elsewhere, 'listening');
    const tokenFile = join(directory, 'token');
    writeFileSync(tokenFile, 'first\n');
    const shown = () => requests.splice(0).map(({ url, headers }) => [url, headers.authorization]);
    await verify({ tokenFile, jwksUrl: `${issuer}/keys` })(await token());
    expect(shown()).toEqual([['/keys', 'Bearer first']]);
    writeFileSync(tokenFile, 'second\n');
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/keys`;
    answers['/.well-known/openid-configuration'] = () => ({ issuer, jwks_uri: url });
    await verify({ tokenFile })(await token());
    expect(shown()).toEqual([
      ['/.well-known/openid-configuration', 'Bearer second'],
      ['/keys', undefined],
    ]);
  } finally {
    elsewhere.closeAllConnections();
    elsewhere.close();
    rmSync(directory, { recursive: true });
  }
});

test.each(['', 'sub', 'sub=', '=a', 'sub=a,', 'sub=a,b'])('%j are no claims', (text) => {
  expect(parseClaims(text)).toBeUndefined();
});

test('the value of a claim may have = in it', () => {
  expect(parseClaims('sub=cn=alice, groups=b')).toEqual([
    { name: 'sub', value: 'cn=alice' },
    { name: 'groups', value: 'b' },
  ]);
});
