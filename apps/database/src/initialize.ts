import { initializeCluster } from './store.js';

// A process of its own, started by store.ts with the folder of the cluster.
const [cluster] = process.argv.slice(2);
if (cluster === undefined) throw new Error('The folder of the new cluster is missing');
process.on('disconnect', () => process.exit(1)); // the parent died: nobody would use the result
await initializeCluster(cluster);
process.exit(0);
