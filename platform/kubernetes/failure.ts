// What the API server's refusals say to people, in one line.

const hints: Readonly<Record<number, string>> = {
  401: '; the credentials in your kubeconfig are not, or no longer, good',
  403: '; ask for a Role that allows it, such as the one in k8s/chaos.yaml',
};

/** @param body usually a Status in JSON */
export function explainStatus(asked: string, code: number, body: string): string {
  return `${asked}: ${code} ${messageOf(body)}${hints[code] ?? ''}`;
}

function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // A proxy's words.
  }
  return body.slice(0, 200).replaceAll(/\s+/g, ' ').trim();
}

/** fetch says why in the cause of its error. */
export function explainNetwork(server: string, error: unknown): Error {
  const { message, cause } = error as { message: string; cause?: NodeJS.ErrnoException };
  const reason = cause?.message || cause?.code || message;
  return new Error(`no answer from the cluster at ${server} (${reason}); \`kubectl cluster-info\` asks it too`, {
    cause: error,
  });
}

/** The HTTP status of the API server's refusal; undefined of any other failure. */
export function refusalOf(error: unknown): number | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' && code >= 400 ? code : undefined;
}
