import pg from 'pg';import {fork,execSync} from 'node:child_process';import fs from 'node:fs';
execSync('mkdir -p /tmp/dbx/m; mountpoint -q /tmp/dbx/m || mount -t tmpfs -o size=400m tmpfs /tmp/dbx/m; rm -rf /tmp/dbx/m/*');
const c=fork('/work/main/apps/database/dist/main.js',['--data','/tmp/dbx/m','--socket-dir','/tmp/dbx/s'],{stdio:['ignore','inherit','inherit','ipc'],execArgv:[]});
c.on('exit',(...a)=>console.log('exit',a));
await new Promise(r=>c.once('message',r));
const cl=new pg.Client({host:'/tmp/dbx/s',port:5432,user:'postgres',database:'postgres'});cl.on('error',()=>{});await cl.connect();
const ls=()=>fs.readdirSync('/tmp/dbx/m/database/cluster/pg_wal').filter(f=>/^[0-9A-F]{24}/.test(f)).map(f=>f.slice(-2)+':'+(fs.statSync('/tmp/dbx/m/database/cluster/pg_wal/'+f).size>>20)).join(' ');
const cur=async()=>(await cl.query('select pg_walfile_name(pg_current_wal_insert_lsn()) f, redo_lsn, pg_current_wal_insert_lsn() l from pg_control_checkpoint()')).rows[0];
console.log(ls(), await cur());
await cl.query('create table page (id serial primary key, text text)');
execSync('dd if=/dev/zero of=/tmp/dbx/m/ballast bs=1M count=310 2>/dev/null || true');
try{for(;;)await cl.query("insert into page (text) select string_agg(md5(random()::text), '') from generate_series(1, 2000) returning id")}catch(e){console.log(e.message,ls(),await cur())}
try{for(let i=0;i<300;i++){ await cl.query("select pg_logical_emit_message(true, 'test', repeat('x', 1000000))"); if(i%8==0){console.log(i,ls(),JSON.stringify(await cur()))}}}catch(e){console.log(e.message,ls())}
c.kill('SIGKILL');process.exit();
