import type { Duplex } from 'node:stream';
import pg from 'pg';

/** What pg's queries and connections have beside their published types. */
interface WireQuery extends Omit<pg.Query, 'submit'> {
  name: string | undefined;
  submit(connection: WireConnection): Error | null;
  handleCommandComplete?(message: unknown, connection: WireConnection): void;
  handleError(error: Error, connection: WireConnection): void;
}

interface WireConnection {
  readonly stream: Duplex;
  readonly submittedNamedStatements: Record<string, string>;
  parse(statement: { text: string }): void;
  bind(values: object): void;
  execute(portal: object): void;
}

/**
 * The first statement of a transaction together with its BEGIN, so that there is one wait for the server less. Both come
 * before one Sync: should BEGIN fail, the statement is skipped instead of being run on its own.
 */
export function beginWith(config: pg.QueryConfig<unknown[]>): pg.Query {
  const query = new pg.Query(config) as unknown as WireQuery;
  const { name, submit, handleError } = query;
  query.submit = (connection) => {
    connection.stream.cork();
    try {
      connection.parse({ text: 'BEGIN' });
      connection.bind({});
      connection.execute({});
      return submit.call(query, connection);
    } finally {
      connection.stream.uncork();
      // pg takes the next ParseComplete, which is BEGIN's, for that of a statement with this name.
      query.name = undefined;
    }
  };
  query.handleCommandComplete = () => {
    // That was BEGIN's; what follows is the statement's and goes to the method behind this one.
    delete query.handleCommandComplete;
    query.name = name;
  };
  query.handleError = (error, connection) => {
    if (name) delete connection.submittedNamedStatements[name];
    handleError.call(query, error, connection);
  };
  return query as unknown as pg.Query;
}
