import config from './jest.config.js';

/** `npm run test:faults`: what is too slow for every run, in files `*.faults.ts`. */
export default { ...config, testMatch: ['<rootDir>/test/**/*.faults.ts'], maxWorkers: 1 };
