/** Beside the page, wherever the hub is published. */
export const httpEndpoint = () => new URL('graphql', document.baseURI).href;

export const socketEndpoint = () => httpEndpoint().replace(/^http/, 'ws');
