import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Database, type DatabaseOptions, isTransient, openDatabase, type Sql, sqlState } from './index.ts';
import { adminUrl, scratchUrl } from './testing/scratch.ts';

let url: string;
const open: Database[] = [];

beforeAll(async () => {
  url = await scratchUrl();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});

/** A pool on a database with nothing but the table items. */
async function scratch(options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const database = openDatabase({ url, name: 'scratch', size: 2, ...options });
  open.push(database);
  await database.query(
    'drop schema public cascade; create schema public; create table items (id int8 primary key, note text)',
  );
  return database;
}

const insert = 'insert into items (id) values ($1)';
const ids = async (sql: Sql) =>
  (await sql.query<{ id: bigint }>('select id from items order by id')).rows.map(({ id }) => id);
const pid = async (sql: Sql) => (await sql.query<{ pid: number }>('select pg_backend_pid() pid')).rows[0]!.pid;
const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error('succeeded')),
    (error) => error,
  );

/** Ends a session as an operator would. */
async function terminate(victim: number): Promise<void> {
  const admin = openDatabase({ url: adminUrl(), name: 'admin', size: 1, acquireTimeout_ms: 60_000 });
  await admin.query('select pg_terminate_backend($1, 1000)', [victim]);
  await admin.close();
}

describe('values', () => {
  test('arrive exact and of their kind', async () => {
    const database = await scratch();
    const { rows } = await database.query(
      `select 9223372036854775807::int8 big, array[1, null, -5]::int8[] bigs, 7 small, 1.10::numeric "exact",
        '2026-01-02 03:04:05.678Z'::timestamptz moment, '2026-01-02'::date "day", '{"a":[1]}'::jsonb "json", null nothing`,
    );
    expect(rows).toEqual([
      {
        big: 9223372036854775807n,
        bigs: [1n, null, -5n],
        small: 7,
        exact: '1.10',
        moment: new Date('2026-01-02T03:04:05.678Z'),
        day: '2026-01-02',
        json: { a: [1] },
        nothing: null,
      },
    ]);
  });

  test('are sent exact and of their kind', async () => {
    const database = await scratch();
    const values = [9007199254740993n, [1n, 2n], { a: 'b' }, new Date(5), `'"\\é`, undefined];
    const { rows } = await database.query(
      'select $1::int8 a, $2::int8[] b, $3::jsonb c, $4::timestamptz d, $5::text e, $6::text f',
      values,
    );
    expect(rows).toEqual([{ a: 9007199254740993n, b: [1n, 2n], c: { a: 'b' }, d: new Date(5), e: `'"\\é`, f: null }]);
  });

  test('that cannot be sent fail, and the connection with them', async () => {
    const database = await scratch({ size: 1 });
    const before = await pid(database);
    await expect(database.query('select $1::jsonb', [{ amount: 1n }])).rejects.toThrow('BigInt');
    await expect(database.transaction((sql) => sql.query('select $1::jsonb', [{ amount: 1n }]))).rejects.toThrow(
      'BigInt',
    );
    expect((await database.query('select $1::jsonb j', [{ amount: 1 }])).rows).toEqual([{ j: { amount: 1 } }]);
    expect(await pid(database)).not.toBe(before);
  });
});

describe('statements', () => {
  test('with values are prepared once per connection, others are not', async () => {
    const database = await scratch({ size: 1 });
    for (let i = 0; i < 3; i++) {
      await database.query('select $1::int + 1', [i]);
      await database.transaction((sql) => sql.query('select $1::int + 2', [i]));
      await database.query('select 3');
    }
    const { rows } = await database.query(
      'select statement, generic_plans + custom_plans runs from pg_prepared_statements order by 1',
    );
    expect(rows).toEqual([
      { statement: 'select $1::int + 1', runs: 3n },
      { statement: 'select $1::int + 2', runs: 3n },
    ]);
  });

  test('say how many rows they changed', async () => {
    const database = await scratch();
    expect(await database.query('insert into items values (1), (2)')).toEqual({ rows: [], rowCount: 2 });
    expect((await database.query('begin; create table x (); commit')).rowCount).toBe(0);
  });

  test('whose tables have changed since they were prepared fail once, as transient', async () => {
    const database = await scratch({ size: 1 });
    const select = () => database.query('select * from items where id = $1', [1]);
    await select();
    await database.query('alter table items add column added int');
    expect(isTransient(await failure(select()))).toBe(true);
    expect((await select()).rows).toEqual([]);
  });

  test('run no longer than they may, nor wait longer for a lock', async () => {
    const database = await scratch({ statementTimeout_ms: 50, lockTimeout_ms: 20 });
    const slow = await failure(database.query('select pg_sleep(5)'));
    expect([sqlState(slow), isTransient(slow)]).toEqual(['57014', true]);
    await database.transaction(async (sql) => {
      await sql.query('lock table items');
      const blocked = await failure(database.query('select from items'));
      expect([sqlState(blocked), isTransient(blocked)]).toEqual(['55P03', true]);
    });
  });

  test('know where in our code they failed', async () => {
    const database = await scratch();
    async function caller() {
      await database.query('select 1/0');
    }
    expect((await failure(caller())).stack).toContain('caller');
  });
});

describe('a transaction', () => {
  test('commits what its work wrote', async () => {
    const database = await scratch();
    const result = await database.transaction(async (sql) => {
      await sql.query(insert, [1]);
      await sql.query('insert into items (id) values (2)');
      expect(await ids(database)).toEqual([]);
      return 'result';
    });
    expect([result, await ids(database)]).toEqual(['result', [1n, 2n]]);
  });

  test('begins with its first statement, whatever that is', async () => {
    const database = await scratch({ size: 1 });
    for (const values of [undefined, [], []]) {
      const [first, second] = await database.transaction(async (sql) => [
        (await sql.query('select now() at', values)).rows,
        (await sql.query('select now() at', values)).rows,
      ]);
      expect(first).toEqual(second);
    }
    await database.transaction(async (sql) => {
      await sql.query('set transaction isolation level serializable');
      expect((await sql.query('show transaction_isolation')).rows).toEqual([{ transaction_isolation: 'serializable' }]);
    });
  });

  test('without statements does nothing', async () => {
    const database = await scratch();
    expect(await database.transaction(async () => 1)).toBe(1);
  });

  test('is rolled back when its work throws, at any point', async () => {
    const database = await scratch({ size: 1 });
    const before = await pid(database);
    const failures: ((sql: Sql) => Promise<unknown>)[] = [
      async () => Promise.reject(new Error('no')),
      async (sql) => sql.query('syntax error', []),
      async (sql) => sql.query('syntax error'),
      async (sql) => sql.query('select 1/$1::int', [0]),
      async (sql) => sql.query(insert, [1]).then(() => Promise.reject(new Error('no'))),
      async (sql) => Promise.all([sql.query(insert, [1]), sql.query(insert, [1]), sql.query(insert, [2])]),
      (sql) => {
        void sql.query(insert, [1]);
        throw new Error('no');
      },
    ];
    for (const work of failures) await failure(database.transaction(work));
    expect(await ids(database)).toEqual([]);
    expect(await pid(database)).toBe(before);
  });

  test('whose statement failed does not pretend to have committed', async () => {
    const database = await scratch({ size: 1 });
    for (const end of [async () => {}, (sql: Sql) => sql.query(`prepare transaction 'x'`)]) {
      const work = database.transaction(async (sql) => {
        await sql.query(insert, [1]);
        await failure(sql.query('select 1/0'));
        await end(sql);
      });
      await expect(work).rejects.toThrow('rolled back');
    }
    expect(await ids(database)).toEqual([]);
  });

  test('can go on after a savepoint', async () => {
    const database = await scratch({ size: 1 });
    await database.transaction(async (sql) => {
      await sql.query(insert, [1]);
      await sql.query('savepoint here');
      await failure(sql.query(insert, [1]));
      await sql.query('rollback to here');
      await sql.query(insert, [2]);
    });
    expect(await ids(database)).toEqual([1n, 2n]);
  });

  test('can end as a prepared one', async () => {
    const database = await scratch({ size: 1 });
    await database.transaction(async (sql) => {
      await sql.query(insert, [1]);
      await sql.query(`prepare transaction 'prepared'`);
    });
    expect(await ids(database)).toEqual([]);
    await database.query(`commit prepared 'prepared'`);
    expect(await ids(database)).toEqual([1n]);
  });

  test('is over when it is over', async () => {
    const database = await scratch({ size: 1 });
    const kept = await database.transaction(async (sql) => {
      await sql.query(insert, [1]);
      return sql;
    });
    await expect(kept.query(insert, [2])).rejects.toThrow('given back');
  });

  test('that a deferred constraint refuses fails, and the connection is good', async () => {
    const database = await scratch({ size: 1 });
    await database.query('create table refs (id int8 references items deferrable initially deferred)');
    const before = await pid(database);
    expect(sqlState(await failure(database.transaction((sql) => sql.query('insert into refs values ($1)', [1]))))).toBe(
      '23503',
    );
    expect(await pid(database)).toBe(before);
  });

  test('sends what does not wait for each other at once, and in order', async () => {
    const database = await scratch();
    await database.transaction((sql) => Promise.all(Array.from({ length: 500 }, (_, id) => sql.query(insert, [id]))));
    expect((await ids(database)).length).toBe(500);
  });
});

describe('a connection', () => {
  test('keeps its session, and gives back no transaction', async () => {
    const database = await scratch({ size: 1 });
    const before = await database.connection(async (sql) => {
      await sql.query('begin');
      await sql.query(insert, [1]);
      return pid(sql);
    });
    expect([await ids(database), await pid(database)]).toEqual([[], before]);
    await failure(database.query('begin; select 1/0'));
    expect([await ids(database), await pid(database)]).toEqual([[], before]);
  });

  test('that is lost while idle is replaced', async () => {
    const database = await scratch({ size: 1 });
    await terminate(await pid(database));
    expect(await ids(database)).toEqual([]);
  });

  test('that is lost in a transaction fails it as transient, and is replaced', async () => {
    const database = await scratch({ size: 1 });
    const work = database.transaction(async (sql) => {
      await sql.query(insert, [1]);
      await terminate(await pid(sql));
      await sql.query(insert, [2]);
    });
    expect(isTransient(await failure(work))).toBe(true);
    expect(await ids(database)).toEqual([]);
  });

  test('that is lost during a statement fails it as transient', async () => {
    const database = await scratch({ size: 1 });
    const victim = await pid(database);
    const [error] = await Promise.all([failure(database.query('select pg_sleep(5)')), terminate(victim)]);
    expect([sqlState(error), isTransient(error)]).toEqual(['57P01', true]);
  });

  test('is waited for only so long, and only by so many', async () => {
    const database = await scratch({ size: 1, acquireTimeout_ms: 300 });
    await database.connection(async (sql) => {
      await sql.query('select 1');
      const waiting = Array.from({ length: 105 }, () => failure(database.query('select 1')));
      const errors = await Promise.all(waiting);
      expect(errors.every(isTransient)).toBe(true);
      expect(errors.filter(({ message }) => message.startsWith('too many')).length).toBe(5);
    });
  });
});

describe('a server', () => {
  test('that is not there is a transient error', async () => {
    const database = openDatabase({ url: 'postgres://x:x@127.0.0.1:1/x', name: 'x', size: 1 });
    expect(isTransient(await failure(database.query('select 1')))).toBe(true);
    await database.close();
  });
});

test('closing waits for what is running, twice is once', async () => {
  const database = await scratch();
  const running = database.transaction(async (sql) => {
    await sql.query('select pg_sleep(0.1)');
    await sql.query(insert, [1]);
    return ids(sql);
  });
  await database.query('select 1');
  await Promise.all([database.close(), database.close()]);
  expect(await running).toEqual([1n]);
  await expect(database.query('select 1')).rejects.toThrow();
});
