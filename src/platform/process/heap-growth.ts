import v8 from 'node:v8';

/**
 * Lets the heap grow by 60 % between two major collections, and not up to fourfold: garbage of one client is collected
 * before it is hundreds of megabytes, and scavenges beside a small heap are cheaper (ADR 50). V8 reads the flag at each
 * collection, so it may be set while the process runs.
 */
v8.setFlagsFromString('--heap-growing-percent=60');
