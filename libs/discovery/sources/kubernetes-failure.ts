import * as z from 'zod';

/** Too old a version: https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
const GONE = 410;
const FORBIDDEN = 403;

// How the official client tells of a failure: in an API call as `code` and a body with a Status, in a watch as
// `statusCode`; in the middle of a watch as a Status; and of what isn't HTTP as an error with a cause.
// A time-out has a code as well, a small one.
const HttpCode = z.int().min(100).optional().catch(undefined);
const Failure = z.object({
  code: HttpCode,
  statusCode: HttpCode,
  body: z.unknown().optional(),
  name: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  cause: z.object({ message: z.string(), code: z.string().optional() }).optional().catch(undefined),
});
const Body = z.preprocess(
  (body) => {
    try {
      return typeof body === 'string' ? JSON.parse(body) : body;
    } catch {
      return undefined;
    }
  },
  z.object({ message: z.string() }),
);

/** Whether the server no longer knows the version from which to watch. */
export function isExpired(error: unknown): boolean {
  return statusCode(error) === GONE;
}

/** Whether the client gave up waiting. */
export function isTimeout(error: unknown): boolean {
  return Failure.safeParse(error).data?.name === 'TimeoutError';
}

/** What went wrong in one line, and what to do about it where that is known. */
export function explained(request: string, error: unknown): Error {
  const code = statusCode(error);
  const reason = code === undefined ? reasonOf(error) : `HTTP ${code}: ${reasonOf(error)}`;
  const hint =
    code === FORBIDDEN ? '; a Role must allow the verbs list and watch on endpointslices of discovery.k8s.io' : '';
  return new Error(`${request}: ${reason}${hint}`, { cause: error });
}

function statusCode(error: unknown): number | undefined {
  const { code, statusCode } = Failure.safeParse(error).data ?? {};
  return code ?? statusCode;
}

function reasonOf(error: unknown): string {
  const { body, message, cause } = Failure.safeParse(error).data ?? {};
  return Body.safeParse(body).data?.message ?? (cause?.message || cause?.code) ?? message ?? 'failed';
}
