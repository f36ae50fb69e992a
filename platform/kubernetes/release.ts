/** One installation of the chart. */
export interface Release {
  readonly namespace: string;
  readonly name: string;
}

/** What the names of its objects begin with, as the chart has it (assent.fullname). */
export function fullnameOf({ name }: Release): string {
  return (name.includes('assent') ? name : `${name}-assent`).slice(0, 40).replace(/-$/, '');
}

/** Selects its pods, Deployments, Services, …; with a component such as `order` or `postgres` those of that one. */
export function selectorOf({ name }: Release, component?: string): string {
  const release = `app.kubernetes.io/name=assent,app.kubernetes.io/instance=${name}`;
  return component === undefined ? release : `${release},app.kubernetes.io/component=${component}`;
}
