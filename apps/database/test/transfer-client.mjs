// A client that moves one unit between random accounts for as long as it lives; the test kills it at any moment.
import { Client } from 'pg';

const [host, accounts] = process.argv.slice(2);
const pause = 'x'.repeat(100_000);

async function move() {
  const client = new Client({ host, port: 5432, user: 'postgres', database: 'postgres' });
  await client.connect();
  for (;;) {
    const [from, to] = [0, 0].map(() => Math.floor(Math.random() * Number(accounts)));
    await client.query('begin');
    await client.query('update account set balance = balance - 1 where id = $1', [from]);
    await client.query('select length($1)', [pause]);
    await client.query('update account set balance = balance + 1 where id = $1', [to]);
    await client.query('insert into moved (source, target) values ($1, $2)', [from, to]);
    await client.query('commit');
  }
}

await Promise.all([move(), move(), move()]);
