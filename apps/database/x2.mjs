import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { execSync } from 'node:child_process';
const guard={name:'g',setup:async(pg,o)=>({emscriptenOpts:{...o,quit:(c,e)=>{ if(globalThis.armed||c!==100) console.log('QUIT',c,globalThis.armed); if(globalThis.armed&&c!==100){process.exit(7)} throw e},onAbort:(w)=>console.log('onAbort',w)}})};
const db = await PGlite.create({ dataDir: '/tmp/dbx/pg', extensions: { vector, guard }, startParams:[...PGlite.defaultStartParams,'-c','shared_buffers=16MB'] });
console.log('open');
const m=(t,body)=>{const b=Buffer.alloc(5+body.length);b.write(t,0);b.writeInt32BE(body.length+4,1);body.copy(b,5);return b};
const q=(s)=>m('Q',Buffer.from(s+'\0'));
const run=async(msg)=>{let out=[];await db.execProtocolRawStream(msg,{onRawData:d=>{out.push(Buffer.from(d))}});return Buffer.concat(out)};
const val=async(s)=>(await run(q(s))).toString('latin1').replace(/[^\x20-\x7e]+/g,' ').slice(-120);
const cstr=s=>Buffer.from(s+'\0');
const i16=n=>{const b=Buffer.alloc(2);b.writeInt16BE(n);return b}, i32=n=>{const b=Buffer.alloc(4);b.writeInt32BE(n);return b};
const S=m('S',Buffer.alloc(0)), cf=m('f',cstr('no'));
const unit=(sql,p)=>[m('P',Buffer.concat([cstr(''),cstr(sql),i16(0)])),m('B',Buffer.concat([cstr(''),cstr(''),i16(0),i16(p.length),...p.flatMap(x=>[i32(Buffer.byteLength(x)),Buffer.from(x)]),i16(0)])),m('D',cstr('P')),m('E',Buffer.concat([cstr(''),i32(0)])),S];
await run(q('drop table if exists k; create table k(a int primary key, b text)'));
const bench=async(name,mk)=>{for(const mode of ['one','whole','whole+cf','one','whole','whole+cf']){const N=3000;const t=performance.now();for(let i=0;i<N;i++){const u=mk(i);if(mode==='one')for(const x of u)await db.runExclusive(()=>run(x));else if(mode==='whole')await db.runExclusive(()=>run(Buffer.concat(u)));else await db.runExclusive(()=>run(Buffer.concat([...u.slice(0,4),cf,S])));}console.log(name,mode,((performance.now()-t)/N*1000).toFixed(0),'us')}};
await bench('select',()=>unit('select $1::int+1',['41']));
await bench('upsert',i=>unit('insert into k values($1,$2) on conflict(a) do update set b=excluded.b',[String(i%500),'x'.repeat(200)]));
const big='y'.repeat(300000);
const N=100;for(const mode of ['one','whole','one','whole']){const t=performance.now();for(let i=0;i<N;i++){const u=unit('select length($1)',[big]);if(mode==='one')for(const x of u)await run(x);else await run(Buffer.concat(u))}console.log('300k',mode,((performance.now()-t)/N).toFixed(2),'ms')}
const lag="select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) from pg_control_checkpoint()";
console.log(await val(lag));
for(let i=0;i<40;i++) await run(q("insert into t select g, repeat(md5(g::text),20) from generate_series(1,5000) g"));
console.log(await val(lag), await val('show max_wal_size'));
await run(q("delete from t")); await new Promise(r=>setTimeout(r,1200));
for(let i=0;i<3;i++){ await run(q('select 1'));}
console.log('dead', await val("select n_live_tup,n_dead_tup,n_mod_since_analyze from pg_stat_user_tables where relname='t'"));
let t=Date.now(); await run(q('vacuum analyze t')); console.log('vac',Date.now()-t);await new Promise(r=>setTimeout(r,1200));
console.log('dead', await val("select n_live_tup,n_dead_tup,n_mod_since_analyze from pg_stat_user_tables where relname='t'"));
// startup reply
const st=Buffer.concat([i32(0),i32(196608),cstr('user'),cstr('postgres'),cstr('database'),cstr('postgres'),cstr('')]);st.writeInt32BE(st.length,0);
console.log((await run(st)).toString('latin1').replace(/[^\x20-\x7e]+/g,'|'));
globalThis.armed=true;
console.log('err ok', await val('selec')); 
console.log('flush mid', (await run(Buffer.concat([...unit('selec',[]).slice(0,4)]))).length, 'after Q ignored:', (await run(q('rollback'))).length, (await run(S)).toString('latin1'), await val('rollback'));
// partial implicit tx then rollback
for(const x of unit("insert into k values(99999,'z')",[]).slice(0,4)) await run(x);
console.log(await val('rollback'), await val('select count(*) from k where a=99999'));
await run(m('z',Buffer.alloc(0)));console.log('not here');
