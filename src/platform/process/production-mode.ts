/**
 * The libraries check more, and more slowly, unless told that this is production: graphql-js looks
 * longer at every type it is asked about, which made a `reserve` without engine 203 µs of CPU instead of 170. Imported
 * before all of them; an environment that says otherwise stands.
 */
process.env.NODE_ENV ??= 'production';
