// Generated from openapi.json by `npm run openapi`: change the server instead.

/** An exact number: as a number, or as its text where the reader keeps digits that a double would round. */
export type Decimal = number | string

export interface paths {
    "/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What admins changed, newest first: who, what, whom, when
         * @description Roles: admin, viewer.
         */
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/add-credits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Grant credits to a user
         * @description Roles: admin.
         */
        post: operations["credits_addCredits"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that moved a user's balance, newest first; kept when the user is deleted
         * @description `Accept: text/csv` gives all of it as a file.
         *
         *     Roles: admin, viewer.
         */
        get: operations["credits_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A user's grants in the order in which they burn
         * @description Roles: admin, viewer.
         */
        get: operations["credits_grants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/grants/{id}/void": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back what is left of a grant; doing it again changes nothing
         * @description Roles: admin.
         */
        post: operations["credits_voidGrant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that moved the account's balance, newest first; nothing for the root key
         * @description `Accept: text/csv` or `format=csv` gives all of it as a file.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["ownledger_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The months of which the account has a statement, the current one first
         * @description Roles: admin, viewer, member.
         */
        get: operations["ownstatements_months"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/statements/{month}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What moved the account's balance in a month
         * @description Months are UTC months. `opening` and the five sums add up to `closing`. `Accept: text/csv` or `format=csv` gives it as a file, `text/html` or `format=html` as a page to print.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["ownstatements_month"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The months of which a user has a statement, the current one first
         * @description Roles: admin, viewer.
         */
        get: operations["statements_months"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/statements/{month}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What moved a user's balance in a month; kept when the user is deleted
         * @description Months are UTC months. `opening` and the five sums add up to `closing`. `Accept: text/csv` or `format=csv` gives it as a file, `text/html` or `format=html` as a page to print.
         *
         *     Roles: admin, viewer.
         */
        get: operations["statements_month"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/low-balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The threshold and the URL, without the secret; 404 when no alert is set
         * @description Roles: admin, viewer.
         */
        get: operations["lowbalance_get"];
        /**
         * Report a low balance to a URL
         * @description When a charge, an expiry or a void takes the balance to the threshold or below, the URL gets `{"type":"credits.low","userId","balance","threshold","at"}` by POST: once, until the balance rises above the threshold again. Header `x-countinghouse-signature: t=<unix seconds>,v1=<hex>` holds HMAC-SHA256(secret, t + "." + body); refuse a `t` that is more than some minutes old. A delivery is tried for 24 hours, until a 2xx comes within 10 s. `x-countinghouse-delivery` is the same with every try: a webhook may arrive more than once.
         *
         *     Roles: admin.
         */
        put: operations["lowbalance_put"];
        post?: never;
        /**
         * Delete the alert; what is not delivered yet is canceled
         * @description Roles: admin.
         */
        delete: operations["lowbalance_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/low-balance/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was reported and how that went, newest first; kept for LOG_RETENTION_DAYS
         * @description Roles: admin, viewer.
         */
        get: operations["lowbalance_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Webhooks, newest first, without their secrets
         * @description Roles: admin, viewer.
         */
        get: operations["webhooks_list"];
        put?: never;
        /**
         * Tell a URL of events
         * @description A POST by [Standard Webhooks](https://www.standardwebhooks.com) with the body `{"type","timestamp","data"}` and the headers `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<base64 HMAC-SHA256 of id.timestamp.body>`. What does not get a 2xx within 10 s is tried again for 24 hours, with the same id and body: a webhook may arrive more than once. A receiver that responds with 410 is disabled.
         *
         *     Roles: admin.
         */
        post: operations["webhooks_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One webhook, without its secret
         * @description Roles: admin, viewer.
         */
        get: operations["webhooks_get"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook; what is not delivered yet is canceled
         * @description Roles: admin.
         */
        delete: operations["webhooks_remove"];
        options?: never;
        head?: never;
        /**
         * Change, disable or enable a webhook; what is absent stays
         * @description The secret stays with another URL too. Disabling cancels what is not delivered yet.
         *
         *     Roles: admin.
         */
        patch: operations["webhooks_update"];
        trace?: never;
    };
    "/v1/admin/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret
         * @description For `overlapSeconds` (a day when absent) each delivery has a signature by either secret.
         *
         *     Roles: admin.
         */
        post: operations["webhooks_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event of the type `webhook.test`, once; its delivery says how that went
         * @description Roles: admin.
         */
        post: operations["webhooks_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was sent and how that went, newest first; kept for LOG_RETENTION_DAYS
         * @description Roles: admin, viewer.
         */
        get: operations["webhooks_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/webhooks/{id}/deliveries/{deliveryId}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery now, whatever became of it, and for another 24 hours
         * @description Its id and body stay, so a receiver that has it already can tell.
         *
         *     Roles: admin.
         */
        post: operations["webhooks_resend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/stripe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive an event from Stripe: a paid checkout session is granted as credits, once
         * @description For the webhook endpoint of your Stripe account, whose signing secret is STRIPE_WEBHOOK_SECRET (404 without it). The session's `client_reference_id` is the user's id, and `credits` in its metadata what was bought. Other events are received and ignored.
         *
         *     No key needed.
         */
        post: operations["stripe_receive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A user's keys, newest first, without their secrets
         * @description Roles: admin, viewer.
         */
        get: operations["keys_list"];
        put?: never;
        /**
         * Issue a key; the secret is in this response and nowhere else
         * @description Roles: admin.
         */
        post: operations["keys_issue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}/keys/{keyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a key and those that it made; they stop working on every instance within a second
         * @description Roles: admin.
         */
        delete: operations["keys_revoke"];
        options?: never;
        head?: never;
        /**
         * Change, disable or enable a key; what is absent stays
         * @description The keys that it made are disabled with it and expire no later; they are enabled one by one.
         *
         *     Roles: admin.
         */
        patch: operations["keys_update"];
        trace?: never;
    };
    "/v1/admin/users/{id}/keys/{keyId}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace a key by one with the same name, limits, rights and expiry
         * @description Roles: admin.
         */
        post: operations["keys_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The account's keys, newest first, without their secrets; none for the root key
         * @description Roles: admin, viewer, member.
         */
        get: operations["ownkeys_list"];
        put?: never;
        /**
         * Issue a key of your own; the secret is in this response and nowhere else
         * @description A key reaches no further than the key that asks: not longer, not from more networks, not faster, with no right that it lacks (403). What is absent is as with that key. The requests of both count together against the rate limit, a credit limit is shared, and the new key ends with the one that asks.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["ownkeys_issue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace one of your keys, also the one that asks, by one with the same name, limits, rights and expiry
         * @description A key reaches no further than the key that asks: not longer, not from more networks, not faster, with no right that it lacks (403). With `overlapSeconds` the old one goes on working for so long.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["ownkeys_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke one of your keys and those that it made; they stop working on every instance within a second
         * @description A key reaches no further than the key that asks: not longer, not from more networks, not faster, with no right that it lacks (403). The last key that works stays (409). Those that it made stay where the key that asks is one of them, or is the key itself.
         *
         *     Roles: admin, viewer, member.
         */
        delete: operations["ownkeys_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is signed in
         * @description Roles: admin, viewer, member.
         */
        get: operations["sessions_current"];
        put?: never;
        /**
         * Sign a browser in with a key
         * @description Sets a cookie (HttpOnly, SameSite=Strict, 12 hours) that stands for the key on every route, from the same origin only.
         *
         *     No key needed.
         */
        post: operations["sessions_start"];
        /**
         * Sign the browser out
         * @description Roles: admin, viewer, member.
         */
        delete: operations["sessions_end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/realtime/ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A ticket for a live stream, in place of the key
         * @description It opens `GET /api/ws?ticket=` or `GET /v1/realtime/stream?ticket=` once, within 60 seconds, on any instance. The ticket of a session, and its stream, end with that session.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["tickets_issue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A token for a browser, in place of the key
         * @description Signed, narrower than its key and good for an hour at most: for pages and embedded charts, whose source anybody can read. It is sent as a key is and may only query (`/v1/query`, `/v1/datasets`, `/v1/endpoints`) and read `/v1/me` and `/v1/me/usage`; the rest is 403. It shares the credits and rate limits of its key, has half of that rate for itself, and ends with it: when the key or its user is revoked, disabled, expired or deleted, within a second on all instances.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["tokens_issue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The plans by name
         * @description Roles: admin, viewer.
         */
        get: operations["plans_list"];
        put?: never;
        /**
         * Create a plan: credits that its users are granted at the start of each period
         * @description Give it to a user with `planId` of create-user or `PATCH /v1/admin/users/:id`: the first period begins then, and each is granted once, with the reason `plan <name>`, expiring at its end unless rollOver.
         *
         *     Roles: admin.
         */
        post: operations["plans_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/plans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One plan
         * @description Roles: admin, viewer.
         */
        get: operations["plans_get"];
        put?: never;
        post?: never;
        /**
         * Delete a plan that nobody has
         * @description Roles: admin.
         */
        delete: operations["plans_remove"];
        options?: never;
        head?: never;
        /**
         * Change a plan; what is absent stays
         * @description Credits, name and rollOver hold from the next period of each user on, the rate limit and access within a second. `every` can only change while nobody has the plan.
         *
         *     Roles: admin.
         */
        patch: operations["plans_update"];
        trace?: never;
    };
    "/v1/admin/create-user": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a user with a first key and, if wanted, a first grant
         * @description Roles: admin.
         */
        post: operations["users_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Users with their balances, newest first
         * @description Roles: admin, viewer.
         */
        get: operations["users_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One user
         * @description Roles: admin, viewer.
         */
        get: operations["users_get"];
        put?: never;
        post?: never;
        /**
         * Delete a user: the keys end, the ledger stays readable, the username is free again
         * @description Roles: admin.
         */
        delete: operations["users_remove"];
        options?: never;
        head?: never;
        /**
         * Change a user; what is absent stays
         * @description Roles: admin.
         */
        patch: operations["users_update"];
        trace?: never;
    };
    "/v1/admin/users/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A user's requests and credits: a day, oldest day first, or by key or dataset
         * @description `by=key` and `by=dataset` add the same days up.
         *
         *     Roles: admin, viewer.
         */
        get: operations["users_usageOf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Users in the order of their ids, so of their creation
         * @description Roles: admin, viewer.
         */
        get: operations["userscrud_list"];
        put?: never;
        /**
         * Create a user: as create-user, the response is the user with its first key
         * @description Roles: admin.
         */
        post: operations["userscrud_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/sse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The existing users and then every change, as server-sent events
         * @description First an event `user` for each user, in the order of their ids; then `user.created`, `user.updated` (the user as it is now) and `user.deleted` (`{"id"}`), each change once. Changes of the balance are no events. `Last-Event-ID` continues after that event for 7 days; later an event `reset` comes first, and then all users as at the start. A comment every 15 seconds says that the connection lives.
         *
         *     Roles: admin, viewer.
         */
        get: operations["userscrud_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One user, by its id or by the one that it has in a file of users
         * @description Roles: admin, viewer.
         */
        get: operations["userscrud_get"];
        put?: never;
        post?: never;
        /**
         * Delete a user: the keys end, the ledger stays readable, the username is free again
         * @description Roles: admin.
         */
        delete: operations["userscrud_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the user of this key, the credits of the account and the rate limit
         * @description Roles: admin, viewer, member.
         */
        get: operations["me_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The account's plan and its current period; null without one, and for the root key
         * @description Roles: admin, viewer, member.
         */
        get: operations["me_plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The account's requests and credits: a day, oldest day first, or by key or dataset
         * @description All zeros for the root key. `by=key` and `by=dataset` add the same days up.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["me_myUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Requests, newest first; refused ones too. No body and no key is ever in it
         * @description `Accept: text/csv` gives all that the filters let through as a file, whatever limit, offset and cursor say. `total` is counted up to 10,000 and estimated above that.
         *
         *     Roles: admin, viewer.
         */
        get: operations["logs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The same requests with key, dataset and the reason of a refusal
         * @description `Accept: text/csv` gives all that the filters let through as a file, whatever limit, offset and cursor say. `total` is counted up to 10,000 and estimated above that.
         *
         *     Roles: admin, viewer.
         */
        get: operations["logs_listDetailed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Users, traffic, credits, ingestions and datasets at a glance; days are UTC days
         * @description Roles: admin, viewer.
         */
        get: operations["logs_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The account's requests with all of its keys, newest first; those refused for its limits or rights too
         * @description `Accept: text/csv` gives all that the filters let through as a file, whatever limit, offset and cursor say. `total` is counted up to 10,000 and estimated above that.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["ownlogs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the jobs, newest first
         * @description Roles: admin, viewer.
         */
        get: operations["ingestions_list"];
        put?: never;
        /**
         * Load a file
         * @description CSV, TSV, JSON, NDJSON, XML or Parquet; plain, gzip or zstd. Multipart, options before `file`; or the file itself as the body (with a generic or unknown content type the format is detected from the file name or the content) with the options as query parameters: `curl -H "x-api-key: $KEY" -H "content-type: text/csv" --data-binary @sales.csv "$URL/v1/ingestions?wait=true"`.
         *
         *     Roles: admin.
         */
        post: operations["ingestions_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestions/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The datasets that take files, with the columns that their files have
         * @description Roles: admin, viewer.
         */
        get: operations["ingestions_datasets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A job and how far it is
         * @description Roles: admin, viewer.
         */
        get: operations["ingestions_get"];
        put?: never;
        post?: never;
        /**
         * Delete the rows of a load
         * @description Rows that a later job had replaced stay as that job left them; rows that this job had replaced do not come back. The job itself stays in the list, with `deletedAt`, and the same content may be loaded again without `force`. Doing it twice is doing it once. A job that has not ended must be canceled first.
         *
         *     Roles: admin.
         */
        delete: operations["ingestions_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job; nothing of it becomes visible
         * @description Roles: admin.
         */
        post: operations["ingestions_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestions/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The job at each change, as server-sent events, until it ends
         * @description Roles: admin, viewer.
         */
        get: operations["ingestions_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestions/{id}/rejects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The rejected rows
         * @description `Accept: text/csv` gives the records themselves under the file’s own header, to be corrected and sent again: all of them, unless `limit` or `offset` is given; those of a TSV file as `text/tab-separated-values`. Records of other formats than CSV and TSV come as CSV under the names of their fields. Of a record over 1 MiB only the beginning is kept, behind a mark that says so; it cannot be loaded again as it is. `summary=true` lists the reasons instead, each with the number of its rows and up to three values.
         *
         *     Roles: admin, viewer.
         */
        get: operations["ingestions_rejects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/datasets/infer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Propose a declaration for a file
         * @description Takes a file as POST /v1/ingestions does, in any format; its first 4 MiB are looked at (of Parquet its first row groups, so it must be sent whole), and nothing is stored. The options say how the file is written; what is left out is found. POST the `dataset` to /v1/admin/datasets and load the file: no row of the sample is rejected that is sound.
         *
         *     Roles: admin.
         */
        post: operations["inference_infer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/datasets/{name}/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where the files of a dataset are pulled from, by name
         * @description Roles: admin, viewer.
         */
        get: operations["sources_list"];
        put?: never;
        /**
         * Pull files into a dataset
         * @description A folder below SOURCES_DIR, URLs, or the objects of an S3 bucket under a prefix, looked at by a schedule: what is new or has changed is loaded once, each as a job. A look that fails is repeated later and later, up to an hour, and `lastError` says why it failed.
         *
         *     Roles: admin.
         */
        post: operations["sources_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/datasets/{name}/sources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One source, without its secrets
         * @description Roles: admin, viewer.
         */
        get: operations["sources_get"];
        put?: never;
        post?: never;
        /**
         * Delete a source; its jobs and their rows stay
         * @description Roles: admin.
         */
        delete: operations["sources_remove"];
        options?: never;
        head?: never;
        /**
         * Change a source; what is absent stays
         * @description A look that is under way ends. What is loaded stays loaded, and is not loaded again.
         *
         *     Roles: admin.
         */
        patch: operations["sources_update"];
        trace?: never;
    };
    "/v1/admin/datasets/{name}/sources/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at a source now, whatever its schedule, also when it is not enabled
         * @description Roles: admin.
         */
        post: operations["sources_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/datasets/{name}/sources/{id}/objects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was found in a source and what became of it, the last change first
         * @description Roles: admin, viewer.
         */
        get: operations["sources_objects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the endpoints by name; `broken` says which cannot be executed, and why
         * @description Roles: admin, viewer.
         */
        get: operations["adminendpoints_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/endpoints/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One endpoint as it is declared
         * @description Roles: admin, viewer.
         */
        get: operations["adminendpoints_get"];
        /**
         * Declare an endpoint, or declare it anew: a named query with a URL, parameters, a cost and a cache time
         * @description All of it is checked: the parameters, their defaults and allowed values, and that the query can be executed with them. Every instance has the change within a second.
         *
         *     Roles: admin.
         */
        put: operations["adminendpoints_put"];
        post?: never;
        /**
         * Remove an endpoint
         * @description Roles: admin.
         */
        delete: operations["adminendpoints_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The endpoints that this key may call, with their parameters, columns and cost (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["endpoints_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An OpenAPI document of the endpoints that this key may call, to make a client from (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["endpoints_document"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Call an endpoint (paid)
         * @description Answers as `POST /v1/query` does, with the parameters of the endpoint in the query string (`?country=Germany`; several times for any of several values). An unknown, missing or misfit parameter is 400 with its name. Costs what the endpoint says, else what the query costs. With `If-None-Match` and the `ETag` of an earlier response: 304 where the data have not changed, for the price of a cached result.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["endpoints_call"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/datasets/{name}/values/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The distinct values of a text member, most frequent first, for drop-down lists (free)
         * @description Without the empty value. Those of events may be some seconds old. Of a member with more than a million values only a million are looked at.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["membervalues_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Execute a query (paid)
         * @description Groups (measures by dimensions and periods) or rows (`select`). Costs what `POST /v1/query/dry-run` says, cached results included; a refusal, a failure or a connection that closes before the first byte of the response costs nothing, nor does a query of the root key. `Accept` other than JSON streams the whole result: it is paid when its first byte leaves, and from then on only a failure of the server gives the credits back. `maxCostCredits` refuses a query that costs more (400 `COST_LIMIT_EXCEEDED`). Sums of event values can have 76 digits: in Parquet and Arrow, whose readers take 38, those columns are exact text. CSV has all values as they are, so that it loads again; a spreadsheet may take a text that begins with = for a formula.
         *
         *     A user may have QUERIES_IN_FLIGHT_PER_USER queries running in ClickHouse (8), all keys together; more are 429 `RATE_LIMITED` with `Retry-After`, and so are queries of a user whose failed queries have taken more than FAILED_QUERY_SECONDS_PER_MINUTE seconds of ClickHouse time (60). Cached results do not count.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["queries_query"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/query/dry-run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the SQL and the cost of a query (free)
         * @description `costCredits` is what the same request to `POST /v1/query` is charged as long as the data does not change. Send the `Accept` of that request: an export may have another price. `maxCostCredits` is not held against it.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["queries_dryRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The Model Context Protocol (Streamable HTTP), for agents
         * @description JSON-RPC messages in, JSON out; no sessions and no streams. Tools: `list_datasets`, `describe_dataset`, `query`, `dry_run`, and one for each endpoint that the key may call. A call of a tool is paid, limited and logged as the same request over REST; what that refuses is a result with `isError` that says what to change.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["mcp_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The categories by name
         * @description Roles: admin, viewer, member.
         */
        get: operations["categories_list"];
        put?: never;
        /**
         * Create a category
         * @description Roles: admin.
         */
        post: operations["categories_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/categories/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One category
         * @description Roles: admin, viewer, member.
         */
        get: operations["categories_get"];
        /**
         * Replace a category
         * @description Roles: admin.
         */
        put: operations["categories_replace"];
        post?: never;
        /**
         * Delete a category that has no products
         * @description Roles: admin.
         */
        delete: operations["categories_remove"];
        options?: never;
        head?: never;
        /**
         * Change a category; what is absent stays
         * @description Roles: admin.
         */
        patch: operations["categories_update"];
        trace?: never;
    };
    "/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find products by name, category and price, in the wanted order
         * @description Roles: admin, viewer, member.
         */
        get: operations["products_list"];
        put?: never;
        /**
         * Create a product
         * @description Roles: admin.
         */
        post: operations["products_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create up to 1,000 products, all or none
         * @description Roles: admin.
         */
        post: operations["products_createAll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One product
         * @description Roles: admin, viewer, member.
         */
        get: operations["products_get"];
        /**
         * Replace a product
         * @description Roles: admin.
         */
        put: operations["products_replace"];
        post?: never;
        /**
         * Delete a product that is in no order
         * @description Roles: admin.
         */
        delete: operations["products_remove"];
        options?: never;
        head?: never;
        /**
         * Change a product; what is absent stays
         * @description Roles: admin.
         */
        patch: operations["products_update"];
        trace?: never;
    };
    "/v1/customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Customers, newest first
         * @description Roles: admin, viewer.
         */
        get: operations["customers_list"];
        put?: never;
        /**
         * Create a customer
         * @description Roles: admin.
         */
        post: operations["customers_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One customer
         * @description Roles: admin, viewer.
         */
        get: operations["customers_get"];
        /**
         * Replace a customer
         * @description Roles: admin.
         */
        put: operations["customers_replace"];
        post?: never;
        /**
         * Delete a customer who has no orders
         * @description Roles: admin.
         */
        delete: operations["customers_remove"];
        options?: never;
        head?: never;
        /**
         * Change a customer; what is absent stays
         * @description Roles: admin.
         */
        patch: operations["customers_update"];
        trace?: never;
    };
    "/v1/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Orders with their items, newest first
         * @description Roles: admin, viewer.
         */
        get: operations["orders_list"];
        put?: never;
        /**
         * Order products
         * @description At the products' prices of this moment. The stock of all items is taken, or none (409 OUT_OF_STOCK). Each item becomes a row of the dataset `transactions`, under the country `Unknown` where the customer has none.
         *
         *     Roles: admin.
         */
        post: operations["orders_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One order with its items
         * @description Roles: admin, viewer.
         */
        get: operations["orders_get"];
        put?: never;
        post?: never;
        /**
         * Delete an order: the stock goes back, its items leave the dataset `transactions`
         * @description Roles: admin.
         */
        delete: operations["orders_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/revenue/countries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Revenue by country and product, the countries by name, the best product first (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["reports_countryRevenue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/products/top": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The 20 products of which most was sold, with their stock (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["reports_topProducts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sales/monthly": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sales by month, oldest first (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["reports_monthlySales"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/revenue/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The 30 regions with the greatest revenue (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["reports_regionRevenue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dashboard/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The product report and the top customers together (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["reports_overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dashboard/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many products there are, their stock, average price, and the newest (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["reports_productReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dashboard/top-customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The customers who spent most (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["reports_topCustomers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How fresh each materialized view is
         * @description Roles: admin, viewer.
         */
        get: operations["views_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/views/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refresh all views now; readers keep the old ones until it is done
         * @description Roles: admin.
         */
        post: operations["views_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens, as it happens: a WebSocket
         * @description Every message is one JSON frame.
         *
         *     The first frame is a `snapshot`, then come changes, at most ten frames a second. Frames are in order; whoever connects
         *     again begins with a snapshot, so that there is nothing to take up. A later `snapshot` replaces everything.
         *
         *     - `snapshot`: `{"metrics": <GET /api/metrics>, "ingestions": [<job>, ...]}`; the latest 20 jobs, for admins and viewers only
         *     - `event`: `{"events": [...], "omitted": n}`; new events, oldest first. In a burst the newest ones, at most 1,000 (fewer
         *       while many watch), and how many were left out before them
         *     - `metrics`: the fields of `GET /api/metrics` without `timeSeries`; of `eventsByType`, `eventsBySource`, `recentValues` and
         *       `regions` only the names that changed, with their new values (`null`: gone)
         *     - `ingestion`: `{"ingestions": [<job>, ...]}`; jobs as they are now, for admins and viewers only
         *     - `dashboard`: `{"changed": ["transactions" | "views" | "catalog"]}`; what to fetch again: queries on that dataset, the
         *       reports under `/api`, or those under `/v1/dashboard`
         *
         *     A user may have LIVE_STREAMS_PER_USER live streams of all kinds open (100), a key LIVE_STREAMS_PER_KEY (50); more get 429. A key that is revoked closes its streams within about a second; so does a reader who leaves 4 MiB untaken.
         *
         *     The server pings every 30 seconds. It takes `{"type":"ping"}`, to which it responds with `{"type":"pong"}`, and `{"type":"subscribe","frames":["metrics"]}` for some kinds of frames only. Close codes: 1001 the server stops, 1003 a message was binary, 1007 a message was not a JSON object, 1008 the key was revoked, a message is unknown or over 300 messages came in 30 seconds, 1009 a message was too large (4 KiB), 1011 the key cannot be checked right now, 1013 too slow.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["live_socket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/realtime/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens, as it happens: server-sent events
         * @description The frames of `GET /api/ws`: `event` is the type, `data` the frame, `id` its sequence.
         *
         *     The first frame is a `snapshot`, then come changes, at most ten frames a second. Frames are in order; whoever connects
         *     again begins with a snapshot, so that there is nothing to take up. A later `snapshot` replaces everything.
         *
         *     - `snapshot`: `{"metrics": <GET /api/metrics>, "ingestions": [<job>, ...]}`; the latest 20 jobs, for admins and viewers only
         *     - `event`: `{"events": [...], "omitted": n}`; new events, oldest first. In a burst the newest ones, at most 1,000 (fewer
         *       while many watch), and how many were left out before them
         *     - `metrics`: the fields of `GET /api/metrics` without `timeSeries`; of `eventsByType`, `eventsBySource`, `recentValues` and
         *       `regions` only the names that changed, with their new values (`null`: gone)
         *     - `ingestion`: `{"ingestions": [<job>, ...]}`; jobs as they are now, for admins and viewers only
         *     - `dashboard`: `{"changed": ["transactions" | "views" | "catalog"]}`; what to fetch again: queries on that dataset, the
         *       reports under `/api`, or those under `/v1/dashboard`
         *
         *     A user may have LIVE_STREAMS_PER_USER live streams of all kinds open (100), a key LIVE_STREAMS_PER_KEY (50); more get 429. A key that is revoked closes its streams within about a second; so does a reader who leaves 4 MiB untaken.
         *
         *     A comment every 15 seconds says that the connection lives.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["live_stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Totals and last values of all events
         * @description Events that this instance stored are in it at once. Those of other instances come within moments through Redis, and without it when the instance counts again, at most about ten seconds later.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ingest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event (free)
         * @description Events of one user that are on their way or wait to be stored have a share (EVENT_QUEUE_BYTES_PER_USER); beyond it they get 429 with `Retry-After` and are not stored. The response comes when it is durable. After a 503, or without a response, it may be stored or not: sending it again may store it twice.
         *
         *     Roles: admin; also users and keys with sendEvents.
         */
        post: operations["events_ingest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ingest/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send up to 10000 events (free)
         * @description An array, or NDJSON. Bad ones are named by their index, the good ones are stored together. Events of one user that are on their way or wait to be stored have a share (EVENT_QUEUE_BYTES_PER_USER); beyond it they get 429 with `Retry-After` and are not stored. The response comes when it is durable. After a 503, or without a response, it may be stored or not: sending it again may store it twice.
         *
         *     Roles: admin; also users and keys with sendEvents.
         */
        post: operations["events_ingestBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process runs
         * @description No key needed.
         */
        get: operations["health_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether each engine responds to a real query
         * @description No key needed.
         */
        get: operations["health_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description The key of an admin or viewer, or `Authorization: Bearer METRICS_TOKEN`.
         *
         *     Roles: admin, viewer.
         */
        get: operations["health_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The configuration in force on the process that answers, without secrets
         * @description Roles: admin, viewer.
         */
        get: operations["settings_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/engines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Each engine: whether it answers, its version, disk and lag
         * @description Roles: admin, viewer.
         */
        get: operations["settings_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/boards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your dashboards and those that are shared with you, changed last first (free)
         * @description Where an access policy applies: those with a saved query whose dataset and members it names. Admins get those of all. The ready-made reports are at `/v1/dashboard`.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["boards_list"];
        put?: never;
        /**
         * Make a dashboard of saved queries and texts (free)
         * @description Nothing is executed: whoever shows it sends the query of each tile to `POST /v1/query`. An account has at most 1,000.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["boards_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/boards/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One dashboard with its tiles and their saved queries (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["boards_get"];
        /**
         * Change a dashboard of your own, admins any, with all of its tiles (free)
         * @description `revision` is the one that was read: 409 where somebody changed it since.
         *
         *     Roles: admin, viewer, member.
         */
        put: operations["boards_replace"];
        post?: never;
        /**
         * Delete a dashboard of your own, admins any; its saved queries stay (free)
         * @description Roles: admin, viewer, member.
         */
        delete: operations["boards_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/saved-queries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your saved queries and those that are shared with you, changed last first (free)
         * @description Where an access policy applies: those whose dataset and members it names. Admins get those of all.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["savedqueries_list"];
        put?: never;
        /**
         * Save a query under a name (free)
         * @description It is checked as `POST /v1/query` checks it for this key, and not executed. An account has at most 1,000 of them.
         *
         *     Roles: admin, viewer, member.
         */
        post: operations["savedqueries_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/saved-queries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One saved query (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["savedqueries_get"];
        /**
         * Change a saved query of your own, admins any; what is absent gets its default (free)
         * @description `revision` is the one that was read: 409 where somebody changed it since.
         *
         *     Roles: admin, viewer, member.
         */
        put: operations["savedqueries_replace"];
        post?: never;
        /**
         * Delete a saved query of your own, admins any (free)
         * @description One that is on dashboards stays (409 with their names), unless `force=true` removes its tiles too.
         *
         *     Roles: admin, viewer, member.
         */
        delete: operations["savedqueries_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The datasets that the key can query, with their members and how much is in them (free)
         * @description Where an access policy applies: the datasets and members that it names, and the number of the rows that it leaves.
         *
         *     Roles: admin, viewer, member.
         */
        get: operations["datasets_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/datasets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One dataset (free)
         * @description Roles: admin, viewer, member.
         */
        get: operations["datasets_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the declared datasets by name
         * @description Roles: admin, viewer.
         */
        get: operations["declareddatasets_list"];
        put?: never;
        /**
         * Declare a dataset
         * @description Its columns, key and measures; from then on files can be loaded into it and it can be queried. `POST /v1/admin/datasets/infer` proposes a declaration for a file.
         *
         *     Roles: admin.
         */
        post: operations["declareddatasets_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/datasets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One declared dataset
         * @description Roles: admin, viewer.
         */
        get: operations["declareddatasets_get"];
        put?: never;
        post?: never;
        /**
         * Drop a dataset with all of its rows
         * @description Its jobs stay in the history, and what was paid for its queries in the ledger. Loads that have not ended are canceled.
         *
         *     Roles: admin.
         */
        delete: operations["declareddatasets_drop"];
        options?: never;
        head?: never;
        /**
         * Change a dataset; what is left out stays
         * @description Rows keep their values; added columns are null in them. A column’s type and the key cannot change (409).
         *
         *     Roles: admin.
         */
        patch: operations["declareddatasets_update"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        ProblemFieldError: {
            /** @example measures[0] */
            path: string;
            /** @example Unknown measure "revenu". Did you mean "revenue"? Use transactions or revenue */
            message: string;
        };
        Problem: {
            /** @example https://countinghouse.dev/problems/validation-failed */
            type: string;
            /** @example Validation Failed */
            title: string;
            /** @example 400 */
            status: number;
            /** @example measures[0]: Unknown measure "revenu". Did you mean "revenue"? Use transactions or revenue */
            detail: string;
            /**
             * @example VALIDATION_FAILED
             * @enum {string}
             */
            code: "VALIDATION_FAILED" | "COST_LIMIT_EXCEEDED" | "UNAUTHENTICATED" | "INSUFFICIENT_CREDITS" | "KEY_CREDIT_LIMIT" | "FORBIDDEN" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "NOT_ACCEPTABLE" | "CONFLICT" | "OUT_OF_STOCK" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_FORMAT" | "IDEMPOTENCY_MISMATCH" | "INGESTION_FAILED" | "RATE_LIMITED" | "INTERNAL" | "UNAVAILABLE" | "QUERY_TIMEOUT" | "INSUFFICIENT_STORAGE";
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            requestId: string;
            errors: components["schemas"]["ProblemFieldError"][];
            /**
             * @description 402 only: the credits that the request costs
             * @example 1
             */
            required?: number;
            /**
             * @description 402 INSUFFICIENT_CREDITS only: the credits that are left
             * @example 0
             */
            balance?: number;
            /**
             * @description 402 KEY_CREDIT_LIMIT only: the credits that the key may spend
             * @example 50
             */
            limit?: number;
            /**
             * @description 402 KEY_CREDIT_LIMIT only: those that it has spent
             * @example 50
             */
            used?: number;
            /**
             * Format: date-time
             * @description 402 KEY_CREDIT_LIMIT only: when it may spend again; null: not by itself
             * @example 2026-12-01T00:00:00.000Z
             */
            resetsAt?: string | null;
            /**
             * @description 400 COST_LIMIT_EXCEEDED only: the credits that the query costs
             * @example 5
             */
            cost?: number;
            /** @description 422 INGESTION_FAILED only: the job */
            ingestion?: components["schemas"]["IngestionResponse"];
            /**
             * @description 507 only: what the upload takes
             * @example 5000000000
             */
            requiredBytes?: number;
            /**
             * @description 507 only: what is free for uploads
             * @example 1000000000
             */
            freeBytes?: number;
        };
        AuditEntry: {
            /**
             * @description What was asked for; keys, secrets and personal data are not in it
             * @example {
             *       "amount": 100,
             *       "priority": 50
             *     }
             */
            details: {
                [key: string]: unknown;
            };
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /**
             * @description The id of the admin who acted, `root` for the root key
             * @example root
             */
            actor: string;
            /** @example credits.add */
            action: string;
            /**
             * Format: uuid
             * @description The id of what was acted on
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12
             */
            target: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
        };
        Pagination: {
            /** @example 50 */
            limit: number;
            /** @example 0 */
            offset: number;
            /** @example 1 */
            total: number;
        };
        AddCreditsBody: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            userId: string;
            /**
             * @description Whole credits
             * @example 100
             */
            amount: number;
            /** @example invoice 4711 */
            reason?: string | null;
            /**
             * @description Lower burns first
             * @example 50
             */
            priority?: number;
            /**
             * Format: date-time
             * @description When the unspent rest expires; never when absent
             * @example 2030-01-01T00:00:00.000Z
             */
            expiresAt?: string | null;
        };
        AddedCredits: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            userId: string;
            /**
             * @description The balance after it
             * @example 100
             */
            credits: number;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12
             */
            grantId: string;
        };
        LedgerEntry: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12
             */
            grantId: string;
            /**
             * @example charge
             * @enum {string}
             */
            type: "grant" | "charge" | "release" | "expire" | "void";
            /**
             * @description Negative where credits leave the balance
             * @example -1
             */
            amount: number;
            /** @example 99 */
            balanceAfter: number;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13
             */
            requestId: string | null;
            /** @example query */
            reason: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        Grant: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12
             */
            id: string;
            /** @example 100 */
            amount: number;
            /** @example 99 */
            remaining: number;
            /** @example 50 */
            priority: number;
            /** Format: date-time */
            expiresAt: string | null;
            /** @example invoice 4711 */
            reason: string | null;
            /** Format: date-time */
            voidedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        StatementMonth: {
            /**
             * @description In UTC
             * @example 2026-11
             */
            month: string;
            /**
             * Format: date-time
             * @example 2026-11-01T00:00:00.000Z
             */
            from: string;
            /**
             * Format: date-time
             * @description The month ends before it
             * @example 2026-12-01T00:00:00.000Z
             */
            to: string;
            /**
             * @description The month is over: nothing of it changes any more
             * @example true
             */
            isFinal: boolean;
        };
        StatementGrants: {
            /** @example plan basic */
            reason: string | null;
            /** @example 1 */
            count: number;
            /** @example 500 */
            amount: number;
        };
        StatementUsage: {
            /**
             * @description null: charges that name none
             * @example transactions
             */
            dataset: string | null;
            /**
             * @description The named query; null for others
             * @example top_products
             */
            endpoint: string | null;
            /**
             * @description Requests that were charged in this month
             * @example 124
             */
            requests: number;
            /** @example -124 */
            charged: number;
            /**
             * @description What came back of charges, also of those of the month before
             * @example 4
             */
            released: number;
        };
        Statement: {
            /**
             * @description In UTC
             * @example 2026-11
             */
            month: string;
            /**
             * Format: date-time
             * @example 2026-11-01T00:00:00.000Z
             */
            from: string;
            /**
             * Format: date-time
             * @description The month ends before it
             * @example 2026-12-01T00:00:00.000Z
             */
            to: string;
            /**
             * @description The month is over: nothing of it changes any more
             * @example true
             */
            isFinal: boolean;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            userId: string;
            /** @example alice */
            username: string;
            /** @example 80 */
            opening: number;
            /** @example 500 */
            granted: number;
            /** @example -124 */
            charged: number;
            /** @example 4 */
            released: number;
            /** @example -10 */
            expired: number;
            /** @example 0 */
            voided: number;
            /** @example 450 */
            closing: number;
            /** @description most credits first */
            grants: components["schemas"]["StatementGrants"][];
            /** @description most credits first */
            usage: components["schemas"]["StatementUsage"][];
        };
        LowBalanceBody: {
            /**
             * @description Whole credits, or a share of what the last grant brought; a webhook is sent when the balance falls to this or below
             * @example 10
             */
            threshold: number | {
                percent: number;
            };
            /**
             * @description http or https, to port 80, 443 or one from 1024 that no other protocol is known for; a full domain name or a public
             *     address, unless WEBHOOK_ALLOW_PRIVATE is set
             * @example https://example.com/hooks/credits
             */
            url: string;
        };
        LowBalanceWithSecret: {
            /**
             * @description Whole credits, or a share of what the last grant brought; a webhook is sent when the balance falls to this or below
             * @example 10
             */
            threshold: number | {
                percent: number;
            };
            /**
             * @description Signs the webhooks. It stays while the URL stays; another URL gets another one
             * @example whsec_0000000000000000000000000000000000000000000
             */
            secret: string;
            /** @example https://example.com/hooks/credits */
            url: string;
        };
        LowBalance: {
            /**
             * @description Whole credits, or a share of what the last grant brought; a webhook is sent when the balance falls to this or below
             * @example 10
             */
            threshold: number | {
                percent: number;
            };
            /** @example https://example.com/hooks/credits */
            url: string;
        };
        LowBalanceDelivery: {
            /**
             * @description failed: given up after 24 hours; canceled: the alert was deleted
             * @example delivered
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed" | "canceled";
            /**
             * Format: uuid
             * @description Also in the header `x-countinghouse-delivery`, the same with every try
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example 1 */
            attempts: number;
            /**
             * @description Of the last try; null when there was no answer
             * @example 200
             */
            responseStatus: number | null;
            error: string | null;
            /** @example 10 */
            balance: number;
            /** @example 10 */
            threshold: number;
            /**
             * Format: date-time
             * @description When the balance fell
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /** Format: date-time */
            nextAttemptAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:01.000Z
             */
            deliveredAt: string | null;
        };
        Webhook: {
            /**
             * @example [
             *       "ingestion.failed",
             *       "credits.low"
             *     ]
             */
            events: ("ingestion.succeeded" | "ingestion.failed" | "credits.low" | "credits.exhausted" | "plan.renewed")[];
            /**
             * @example active
             * @enum {string}
             */
            status: "active" | "disabled";
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14
             */
            id: string;
            /** @example https://example.com/hooks/countinghouse */
            url: string;
            userId: string | null;
            /** @description Why nothing is sent */
            disabledReason: string | null;
            /**
             * Format: date-time
             * @description Until then deliveries are also signed with the secret before the last rotation
             */
            previousSecretExpiresAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        CreateWebhookBody: {
            /**
             * @example [
             *       "ingestion.failed",
             *       "credits.low"
             *     ]
             */
            events: ("ingestion.succeeded" | "ingestion.failed" | "credits.low" | "credits.exhausted" | "plan.renewed")[];
            /**
             * @description http or https, to port 80, 443 or one from 1024 that no other protocol is known for; a full domain name or a public
             *     address, unless WEBHOOK_ALLOW_PRIVATE is set
             * @example https://example.com/hooks/countinghouse
             */
            url: string;
            /**
             * Format: uuid
             * @description Only what happens to this user; to all when absent. Ingestions belong to no user
             */
            userId?: string | null;
        };
        WebhookWithSecret: {
            /**
             * @example [
             *       "ingestion.failed",
             *       "credits.low"
             *     ]
             */
            events: ("ingestion.succeeded" | "ingestion.failed" | "credits.low" | "credits.exhausted" | "plan.renewed")[];
            /**
             * @example active
             * @enum {string}
             */
            status: "active" | "disabled";
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14
             */
            id: string;
            /** @example https://example.com/hooks/countinghouse */
            url: string;
            userId: string | null;
            /** @description Why nothing is sent */
            disabledReason: string | null;
            /**
             * Format: date-time
             * @description Until then deliveries are also signed with the secret before the last rotation
             */
            previousSecretExpiresAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * @description Signs the deliveries, by Standard Webhooks. It is in this response and nowhere else
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=
             */
            secret: string;
        };
        UpdateWebhookBody: {
            /**
             * @example [
             *       "ingestion.failed",
             *       "credits.low"
             *     ]
             */
            events?: ("ingestion.succeeded" | "ingestion.failed" | "credits.low" | "credits.exhausted" | "plan.renewed")[];
            /**
             * @description http or https, to port 80, 443 or one from 1024 that no other protocol is known for; a full domain name or a public
             *     address, unless WEBHOOK_ALLOW_PRIVATE is set
             * @example https://example.com/hooks/countinghouse
             */
            url?: string;
            /**
             * Format: uuid
             * @description Only what happens to this user; to all when absent. Ingestions belong to no user
             */
            userId?: string | null;
            /**
             * @description While it is disabled nothing is sent or kept for later
             * @example active
             * @enum {string}
             */
            status?: "active" | "disabled";
        };
        RotateSecretBody: {
            /**
             * @description How long deliveries are signed with the old secret as well; 0 ends it at once
             * @example 86400
             */
            overlapSeconds?: number;
        };
        WebhookDelivery: {
            /**
             * @description failed: given up after 24 hours; canceled: the webhook was disabled before it was delivered
             * @example delivered
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed" | "canceled";
            /**
             * Format: uuid
             * @description Also in the header `webhook-id`, the same with every try
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example credits.low */
            event: string;
            /**
             * @description Tries since it was written or sent again
             * @example 1
             */
            attempts: number;
            /**
             * @description HTTP status of the last try; null when there was no response
             * @example 200
             */
            lastStatus: number | null;
            lastError: string | null;
            /**
             * Format: date-time
             * @description When it happened
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:01.000Z
             */
            deliveredAt: string | null;
            /** Format: date-time */
            nextAttemptAt: string | null;
        };
        ReceivedEvent: {
            /** @example true */
            received: boolean;
            /**
             * @description False for an event that brings no credits, and for one that has brought them before
             * @example true
             */
            credited: boolean;
        };
        DatasetAccess: {
            /**
             * @description dimensions and measures; null or absent: all, those to come included; an empty list: the dataset does not exist. A measure is a member of its own: it may be computed from columns that are not named
             * @example [
             *       "country",
             *       "transaction_date",
             *       "revenue"
             *     ]
             */
            members?: string[] | null;
            /**
             * @description the rows that exist, as a query's filters on dimensions; their days are those of UTC
             * @example [
             *       {
             *         "member": "country",
             *         "operator": "equals",
             *         "values": [
             *           "Germany"
             *         ]
             *       }
             *     ]
             */
            filters?: {
                [key: string]: unknown;
            }[];
        };
        AccessPolicyInfo: {
            /**
             * @example {
             *       "transactions": {
             *         "members": [
             *           "country",
             *           "transaction_date",
             *           "revenue"
             *         ],
             *         "filters": [
             *           {
             *             "member": "country",
             *             "operator": "equals",
             *             "values": [
             *               "Germany"
             *             ]
             *           }
             *         ]
             *       }
             *     }
             */
            datasets: {
                [key: string]: components["schemas"]["DatasetAccess"];
            };
            /**
             * @example [
             *       "sales-by-country"
             *     ]
             */
            endpoints: string[] | "*";
            /** @example false */
            dashboards: boolean;
        };
        CreditLimitBody: {
            /** @example 50 */
            credits: number;
            /**
             * @example month
             * @enum {string}
             */
            every: "day" | "week" | "month" | "total";
        };
        CreditUsage: {
            /**
             * @description Credits of the limit that are used in the current period
             * @example 12
             */
            used: number;
            /**
             * Format: date-time
             * @description When the next period begins; null: never
             * @example 2026-12-01T00:00:00.000Z
             */
            resetsAt: string | null;
        };
        ManagedKey: {
            /** @description null: what its user may see */
            access: components["schemas"]["AccessPolicyInfo"] | null;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example nightly report */
            name: string | null;
            /**
             * @description The first characters of the key, to tell keys apart
             * @example ch_9aXk2Q
             */
            prefix: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description To within some seconds
             * @example 2026-01-31T12:00:00.000Z
             */
            lastUsedAt: string | null;
            /** @enum {string} */
            status: "expired" | "active" | "disabled" | "revoked";
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            createdAt: string;
            /** @description The key that made this one through /v1/me/keys, with which it ends; null: an admin did */
            madeBy: string | null;
            rateLimitPerMinute: number | null;
            /**
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            allowedCidrs: string[] | null;
            /**
             * @description The key may send events, whether its user may or not
             * @example false
             */
            sendEvents: boolean;
            creditLimit: components["schemas"]["CreditLimitBody"] | null;
            /** @description What is used of creditLimit; null without one */
            creditUsage: components["schemas"]["CreditUsage"] | null;
        };
        AccessPolicyBody: {
            /**
             * @description by name; none when absent
             * @example {
             *       "transactions": {
             *         "members": [
             *           "country",
             *           "transaction_date",
             *           "revenue"
             *         ],
             *         "filters": [
             *           {
             *             "member": "country",
             *             "operator": "equals",
             *             "values": [
             *               "Germany"
             *             ]
             *           }
             *         ]
             *       }
             *     }
             */
            datasets?: {
                [key: string]: components["schemas"]["DatasetAccess"];
            };
            /**
             * @description names of endpoints, "*" for all; none when absent. Filters of their datasets hold for them too
             * @example [
             *       "sales-by-country"
             *     ]
             */
            endpoints?: string[] | "*";
            /**
             * @description The dashboards, the metrics and the live streams, which show all rows; false when absent
             * @example false
             */
            dashboards?: boolean;
        };
        CreateKeyBody: {
            /** @description narrows what the user may see; null or absent: the same */
            access?: components["schemas"]["AccessPolicyBody"] | null;
            /**
             * @description What the key is for
             * @example nightly report
             */
            name?: string | null;
            /**
             * Format: date-time
             * @description When it stops working; never when absent
             * @example 2030-01-01T00:00:00.000Z
             */
            expiresAt?: string | null;
            /**
             * @description Queries a minute with this key, within what its user may send with all keys; the user's or the server's limit when
             *     absent
             * @example 120
             */
            rateLimitPerMinute?: number | null;
            /**
             * @description Networks that it may be used from; anywhere when absent
             * @example [
             *       "192.0.2.0/24",
             *       "2001:db8::/32"
             *     ]
             */
            allowedCidrs?: string[] | null;
            /**
             * @description This key may send events although its user may not
             * @example false
             */
            sendEvents?: boolean;
            /** @description What the key may spend of its user's credits; null or absent: all. A key that replaces it by rotation shares it */
            creditLimit?: components["schemas"]["CreditLimitBody"] | null;
        };
        CreatedKey: {
            key: components["schemas"]["ManagedKey"];
            /**
             * @description The secret, shown this once
             * @example ch_0000000000000000000000000000000000000000000
             */
            apiKey: string;
        };
        UpdateKeyBody: {
            /** @description narrows what the user may see; null or absent: the same */
            access?: components["schemas"]["AccessPolicyBody"] | null;
            /**
             * @description What the key is for
             * @example nightly report
             */
            name?: string | null;
            /**
             * Format: date-time
             * @description When it stops working; never when absent
             * @example 2030-01-01T00:00:00.000Z
             */
            expiresAt?: string | null;
            /**
             * @description Queries a minute with this key, within what its user may send with all keys; the user's or the server's limit when
             *     absent
             * @example 120
             */
            rateLimitPerMinute?: number | null;
            /**
             * @description Networks that it may be used from; anywhere when absent
             * @example [
             *       "192.0.2.0/24",
             *       "2001:db8::/32"
             *     ]
             */
            allowedCidrs?: string[] | null;
            /**
             * @description This key may send events although its user may not
             * @example false
             */
            sendEvents?: boolean;
            /** @description What the key may spend of its user's credits; null or absent: all. A key that replaces it by rotation shares it */
            creditLimit?: components["schemas"]["CreditLimitBody"] | null;
            /**
             * @description A disabled key stops working on every instance within a second, until it is active again
             * @example disabled
             * @enum {string}
             */
            status?: "active" | "disabled";
        };
        RotateKeyBody: {
            /**
             * @description How long the old key goes on working; 0 ends it at once
             * @example 3600
             */
            overlapSeconds?: number;
        };
        Key: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example nightly report */
            name: string | null;
            /**
             * @description The first characters of the key, to tell keys apart
             * @example ch_9aXk2Q
             */
            prefix: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description To within some seconds
             * @example 2026-01-31T12:00:00.000Z
             */
            lastUsedAt: string | null;
            /** @enum {string} */
            status: "expired" | "active" | "disabled" | "revoked";
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            createdAt: string;
            /** @description The key that made this one through /v1/me/keys, with which it ends; null: an admin did */
            madeBy: string | null;
            rateLimitPerMinute: number | null;
            /**
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            allowedCidrs: string[] | null;
            /**
             * @description The key may send events, whether its user may or not
             * @example false
             */
            sendEvents: boolean;
            creditLimit: components["schemas"]["CreditLimitBody"] | null;
            /** @description What is used of creditLimit; null without one */
            creditUsage: components["schemas"]["CreditUsage"] | null;
        };
        IssuedOwnKey: {
            key: components["schemas"]["Key"];
            /**
             * @description The secret, shown this once
             * @example ch_0000000000000000000000000000000000000000000
             */
            apiKey: string;
        };
        SignInBody: {
            /**
             * @description A key, the root key included
             * @example ch_0000000000000000000000000000000000000000000
             */
            apiKey: string;
        };
        StartedSession: {
            /**
             * Format: date-time
             * @example 2026-01-01T12:00:00.000Z
             */
            expiresAt: string;
            /**
             * @example admin
             * @enum {string}
             */
            role: "admin" | "viewer" | "member";
            /**
             * Format: uuid
             * @description null for the root key
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            userId: string | null;
            /**
             * @description Queries a minute with each key of an account that has no limit of its own
             * @example 60
             */
            defaultRateLimitPerMinute: number;
        };
        Session: {
            /**
             * @example admin
             * @enum {string}
             */
            role: "admin" | "viewer" | "member";
            /**
             * Format: uuid
             * @description null for the root key
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            userId: string | null;
            /**
             * @description Queries a minute with each key of an account that has no limit of its own
             * @example 60
             */
            defaultRateLimitPerMinute: number;
        };
        Ticket: {
            /**
             * @description for `?ticket=`
             * @example uYl8mGn0mYV5o3yTn8zQy9m2l1dJx0bqQ4iQn7w3bLk
             */
            ticket: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:01:00.000Z
             */
            expiresAt: string;
        };
        CreateTokenBody: {
            /** @description What it may see of what its key may; null or absent: all of it, then and later */
            access?: components["schemas"]["AccessPolicyBody"] | null;
            /**
             * @description How long it is good, and no longer than its key
             * @example 900
             */
            expiresInSeconds: number;
            /**
             * @description Credits that it may spend in all; without it, as many as its key
             * @example 50
             */
            maxCredits?: number | null;
        };
        Token: {
            /**
             * @description Send it as a key is sent: `Authorization: Bearer TOKEN`, or `x-api-key`
             * @example eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIwMTlhYTRjMiJ9.0000000000000000000000000000000000000000000
             */
            token: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:15:00.000Z
             */
            expiresAt: string;
        };
        CreatePlanBody: {
            /** @description narrows what its users may see; null or absent: it does not */
            access?: components["schemas"]["AccessPolicyBody"] | null;
            /**
             * @description What is left of a period's credits stays; else it expires when the period ends
             * @example false
             */
            rollOver?: boolean;
            /**
             * @description Queries a minute with all keys of a user who has no limit of its own
             * @example 120
             */
            rateLimitPerMinute?: number | null;
            /**
             * @description Unique, ignoring case; grants have the reason `plan <name>`
             * @example Starter
             */
            name: string;
            /**
             * @description Granted at the start of each period, in whole credits; a change holds from the next period on
             * @example 1000
             */
            credits: number;
            /**
             * @description Periods begin with the assignment of the plan and are counted from there, in UTC; of a month without that day, on its last
             * @example month
             * @enum {string}
             */
            every: "day" | "week" | "month";
        };
        Plan: {
            /** @description null: what its users may see without it */
            access: components["schemas"]["AccessPolicyInfo"] | null;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Starter */
            name: string;
            /**
             * @description Granted at the start of each period
             * @example 1000
             */
            credits: number;
            /**
             * @example month
             * @enum {string}
             */
            every: "day" | "month" | "week";
            /** @example false */
            rollOver: boolean;
            /**
             * @description null: none
             * @example 120
             */
            rateLimitPerMinute: number | null;
            /**
             * @description How many users have it
             * @example 3
             */
            users: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        UpdatePlanBody: {
            /** @description narrows what its users may see; null or absent: it does not */
            access?: components["schemas"]["AccessPolicyBody"] | null;
            /**
             * @description Unique, ignoring case; grants have the reason `plan <name>`
             * @example Starter
             */
            name?: string;
            /**
             * @description Granted at the start of each period, in whole credits; a change holds from the next period on
             * @example 1000
             */
            credits?: number;
            /**
             * @description Periods begin with the assignment of the plan and are counted from there, in UTC; of a month without that day, on its last
             * @example month
             * @enum {string}
             */
            every?: "day" | "week" | "month";
            /**
             * @description What is left of a period's credits stays; else it expires when the period ends
             * @example false
             */
            rollOver?: boolean;
            /**
             * @description Queries a minute with all keys of a user who has no limit of its own
             * @example 120
             */
            rateLimitPerMinute?: number | null;
        };
        CreateUserBody: {
            /** @description what of the data exists for its keys; null or absent: everything that the role may */
            access?: components["schemas"]["AccessPolicyBody"] | null;
            /**
             * @description Unique, ignoring case
             * @example alice
             */
            username: string;
            /**
             * @description The first grant, in whole credits
             * @example 100
             */
            credits?: number;
            /** @example Alice */
            firstName?: string | null;
            /** @example Adams */
            lastName?: string | null;
            /**
             * Format: email
             * @example alice@example.com
             */
            email?: string | null;
            /**
             * @example member
             * @enum {string}
             */
            role?: "admin" | "viewer" | "member";
            /**
             * @description Queries a minute with all keys together; null or absent: RATE_LIMIT_PER_MINUTE with each key
             * @example 60
             */
            rateLimitPerMinute?: number | null;
            /**
             * @description May send events with each of its keys; admins may anyway
             * @example false
             */
            sendEvents?: boolean;
            /**
             * Format: uuid
             * @description The plan whose periods begin now; null ends it. What a plan has granted stays until it expires
             */
            planId?: string | null;
        };
        User: {
            /** @description null: everything that the role may */
            access: components["schemas"]["AccessPolicyInfo"] | null;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example alice */
            username: string;
            /** @example Alice */
            firstName: string | null;
            /** @example Adams */
            lastName: string | null;
            /** @example alice@example.com */
            email: string | null;
            /**
             * @example member
             * @enum {string}
             */
            role: "admin" | "viewer" | "member";
            /**
             * @example active
             * @enum {string}
             */
            status: "active" | "disabled";
            /** @example 100 */
            credits: number;
            /** @description null: the server's default */
            rateLimitPerMinute: number | null;
            /**
             * @description May send events with each of its keys; admins may anyway
             * @example false
             */
            sendEvents: boolean;
            planId: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        CreatedUser: {
            user: components["schemas"]["User"];
            /**
             * @description The user's first key, shown this once
             * @example ch_0000000000000000000000000000000000000000000
             */
            apiKey: string;
        };
        UsageDay: {
            /**
             * Format: date
             * @description A UTC day
             * @example 2026-01-31
             */
            date: string;
            /** @example 120 */
            requests: number;
            /** @example 100 */
            creditsUsed: number;
            /**
             * @description Requests answered with 400 or above
             * @example 3
             */
            errors: number;
        };
        UsageReport: {
            /** @description oldest first, every day present */
            data: components["schemas"]["UsageDay"][];
        };
        UsageOfKey: {
            /**
             * Format: uuid
             * @description null: requests of before use was kept by key
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14
             */
            keyId: string | null;
            /** @example nightly report */
            name: string | null;
            /** @example ch_9aXk2Q */
            prefix: string | null;
            /** @example 120 */
            requests: number;
            /** @example 100 */
            creditsUsed: number;
            /**
             * @description Requests answered with 400 or above
             * @example 3
             */
            errors: number;
        };
        UsageByKey: {
            /** @description most credits first */
            data: components["schemas"]["UsageOfKey"][];
        };
        UsageOfDataset: {
            /**
             * @description null: requests that query none
             * @example transactions
             */
            dataset: string | null;
            /** @example 120 */
            requests: number;
            /** @example 100 */
            creditsUsed: number;
            /**
             * @description Requests answered with 400 or above
             * @example 3
             */
            errors: number;
        };
        UsageByDataset: {
            /** @description most credits first */
            data: components["schemas"]["UsageOfDataset"][];
        };
        UpdateUserBody: {
            /** @description what of the data exists for its keys; null or absent: everything that the role may */
            access?: components["schemas"]["AccessPolicyBody"] | null;
            /** @example alice */
            username?: string;
            /**
             * @description A disabled user's keys stop working within a second
             * @example disabled
             * @enum {string}
             */
            status?: "active" | "disabled";
            /** @example Alice */
            firstName?: string | null;
            /** @example Adams */
            lastName?: string | null;
            /**
             * Format: email
             * @example alice@example.com
             */
            email?: string | null;
            /**
             * @example member
             * @enum {string}
             */
            role?: "admin" | "viewer" | "member";
            /**
             * @description Queries a minute with all keys together; null or absent: RATE_LIMIT_PER_MINUTE with each key
             * @example 60
             */
            rateLimitPerMinute?: number | null;
            /**
             * @description May send events with each of its keys; admins may anyway
             * @example false
             */
            sendEvents?: boolean;
            /**
             * Format: uuid
             * @description The plan whose periods begin now; null ends it. What a plan has granted stays until it expires
             */
            planId?: string | null;
        };
        UserWithKey: {
            /** @description null: everything that the role may */
            access: components["schemas"]["AccessPolicyInfo"] | null;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example alice */
            username: string;
            /** @example Alice */
            firstName: string | null;
            /** @example Adams */
            lastName: string | null;
            /** @example alice@example.com */
            email: string | null;
            /**
             * @example member
             * @enum {string}
             */
            role: "admin" | "viewer" | "member";
            /**
             * @example active
             * @enum {string}
             */
            status: "active" | "disabled";
            /** @example 100 */
            credits: number;
            /** @description null: the server's default */
            rateLimitPerMinute: number | null;
            /**
             * @description May send events with each of its keys; admins may anyway
             * @example false
             */
            sendEvents: boolean;
            planId: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /** @example ch_0000000000000000000000000000000000000000000 */
            apiKey: string;
        };
        CurrentUser: {
            /** @example alice */
            username: string;
            /** @example Alice */
            firstName: string | null;
            /** @example Adams */
            lastName: string | null;
            /** @example alice@example.com */
            email: string | null;
            /**
             * @example member
             * @enum {string}
             */
            role: "admin" | "viewer" | "member";
            /**
             * @example active
             * @enum {string}
             */
            status: "active" | "disabled";
            /** @example 100 */
            credits: number;
            /** @description null: the server's default */
            rateLimitPerMinute: number | null;
            /**
             * @description May send events with each of its keys; admins may anyway
             * @example false
             */
            sendEvents: boolean;
            planId: string | null;
            /**
             * Format: uuid
             * @description null for the root key
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string | null;
            /**
             * Format: date-time
             * @description null for the root key
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string | null;
        };
        Limits: {
            /**
             * @description Queries a minute with this key; null: unlimited
             * @example 60
             */
            rateLimitPerMinute: number | null;
        };
        Me: {
            user: components["schemas"]["CurrentUser"];
            /** @example 100 */
            credits: number;
            limits: components["schemas"]["Limits"];
            /**
             * @description Where the account buys credits; absent where the operator sells none
             * @example https://pay.example/?user=019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            topUpUrl?: string;
        };
        OwnPlan: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Starter */
            name: string;
            /**
             * @description Granted at the start of each period
             * @example 1000
             */
            credits: number;
            /**
             * @example month
             * @enum {string}
             */
            every: "day" | "month" | "week";
            /** @example false */
            rollOver: boolean;
            /**
             * @description null: none
             * @example 120
             */
            rateLimitPerMinute: number | null;
            /**
             * Format: date-time
             * @example 2026-11-01T00:00:00.000Z
             */
            periodStart: string;
            /**
             * Format: date-time
             * @description When the next period begins, with its grant
             * @example 2026-12-01T00:00:00.000Z
             */
            periodEnd: string;
            /**
             * @description Credits of this period
             * @example 1000
             */
            granted: number;
        };
        OwnPlanReport: {
            /** @description null: none */
            plan: components["schemas"]["OwnPlan"] | null;
        };
        LogEntry: {
            /**
             * Format: double
             * @description Until the answer was out; of live streams until it began
             * @example 12.4
             */
            durationMs: number;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /**
             * Format: uuid
             * @description `X-Request-Id` of the response; the same as `id`
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            requestId: string;
            /**
             * Format: uuid
             * @description null: the root key, or an unknown caller
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13
             */
            userId: string | null;
            /** @example POST */
            method: string;
            /**
             * @description The route's pattern; the path where there is no such route
             * @example /v1/query
             */
            endpoint: string;
            /**
             * @description 499: the client went away before the answer was whole
             * @example 200
             */
            status: number;
            /** @example 1 */
            creditsCharged: number;
            /** @example 192.0.2.7 */
            ip: string;
            /**
             * Format: date-time
             * @description When the request arrived
             * @example 2026-01-31T12:00:00.000Z
             */
            timestamp: string;
        };
        LogPagination: {
            /** @example 50 */
            limit: number;
            /** @example 0 */
            offset: number;
            /** @example 1 */
            total: number;
            /** @description `cursor` of the next page; null on the last one */
            nextCursor: string | null;
            /**
             * @description False: there are more than 10,000 and `total` is the planner's estimate
             * @example true
             */
            totalIsExact: boolean;
        };
        DetailedLogEntry: {
            /**
             * Format: double
             * @description Until the answer was out; of live streams until it began
             * @example 12.4
             */
            durationMs: number;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /**
             * Format: uuid
             * @description `X-Request-Id` of the response; the same as `id`
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            requestId: string;
            /**
             * Format: uuid
             * @description null: the root key, or an unknown caller
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13
             */
            userId: string | null;
            /** @example POST */
            method: string;
            /**
             * @description The route's pattern; the path where there is no such route
             * @example /v1/query
             */
            endpoint: string;
            /**
             * @description 499: the client went away before the answer was whole
             * @example 200
             */
            status: number;
            /** @example 1 */
            creditsCharged: number;
            /** @example 192.0.2.7 */
            ip: string;
            /**
             * Format: date-time
             * @description When the request arrived
             * @example 2026-01-31T12:00:00.000Z
             */
            timestamp: string;
            /** @description `detail` of that problem, at most 500 characters */
            errorDetail: string | null;
            /**
             * @description The console asked for it by itself: a page that an operator or a customer had open. Queries that were run in the
             *     console are not among them
             * @example false
             */
            fromConsole: boolean;
            /**
             * Format: uuid
             * @description null: from before it was kept, or none that is known
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14
             */
            keyId: string | null;
            /**
             * @description The dataset that a query went to; null for every other request
             * @example transactions
             */
            dataset: string | null;
            /** @description `code` of the problem that was the response; null for success, and for requests from before it was kept */
            errorCode: string | null;
        };
        StatsDay: {
            /**
             * Format: double
             * @description 95 of 100 requests were answered within this many milliseconds (to within a fifth); null on a day without any
             * @example 45.3
             */
            p95Ms: number | null;
            /**
             * Format: date
             * @description A UTC day
             * @example 2026-01-31
             */
            date: string;
            /** @example 120 */
            requests: number;
            /** @example 100 */
            creditsUsed: number;
            /**
             * @description Requests answered with 400 or above
             * @example 3
             */
            errors: number;
        };
        EndpointStats: {
            /**
             * Format: double
             * @example 45.3
             */
            p95Ms: number | null;
            /** @example POST */
            method: string;
            /** @example /v1/query */
            endpoint: string;
            /** @example 1200 */
            requests: number;
            /** @example 12 */
            errors: number;
        };
        IngestionStats: {
            /** @example 0 */
            queued: number;
            /** @example 1 */
            running: number;
            /** @example 12 */
            succeeded: number;
            /** @example 0 */
            failed: number;
            /** @example 0 */
            canceled: number;
            /** @example 1000000 */
            rowsAccepted: number;
            /** @example 806 */
            rowsRejected: number;
        };
        DatasetStats: {
            /** @example transactions */
            name: string;
            /** @example 1000000 */
            rowCount: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            lastIngestionAt: string | null;
        };
        Stats: {
            /**
             * @description Accounts that are not deleted
             * @example 120
             */
            users: number;
            /**
             * @description Users with a request in the last 30 days
             * @example 80
             */
            activeUsers: number;
            /**
             * @description Created since midnight UTC
             * @example 3
             */
            newUsersToday: number;
            /**
             * @description Active members with fewer than 10 credits
             * @example 5
             */
            lowCreditUsers: number;
            /**
             * @description All requests ever, refused ones included
             * @example 48000
             */
            requests: number;
            /** @example 1600 */
            requestsToday: number;
            /**
             * @description Answered with 400 or above since midnight UTC
             * @example 20
             */
            errorsToday: number;
            /**
             * @description Credits charged and not given back
             * @example 41000
             */
            creditsUsed: number;
            /** @example 1200 */
            creditsUsedToday: number;
            /** @description The last 30 days, oldest first, every day present */
            dailyUsage: components["schemas"]["StatsDay"][];
            /** @description The ten that were asked most in the last 30 days */
            topEndpoints: components["schemas"]["EndpointStats"][];
            ingestions: components["schemas"]["IngestionStats"];
            datasets: components["schemas"]["DatasetStats"][];
        };
        OwnLogEntry: {
            /**
             * Format: double
             * @description Until the answer was out; of live streams until it began
             * @example 12.4
             */
            durationMs: number;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /**
             * Format: uuid
             * @description `X-Request-Id` of the response; the same as `id`
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            requestId: string;
            /**
             * Format: uuid
             * @description null: the root key, or an unknown caller
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13
             */
            userId: string | null;
            /** @example POST */
            method: string;
            /**
             * @description The route's pattern; the path where there is no such route
             * @example /v1/query
             */
            endpoint: string;
            /**
             * @description 499: the client went away before the answer was whole
             * @example 200
             */
            status: number;
            /** @example 1 */
            creditsCharged: number;
            /** @example 192.0.2.7 */
            ip: string;
            /**
             * Format: date-time
             * @description When the request arrived
             * @example 2026-01-31T12:00:00.000Z
             */
            timestamp: string;
            /**
             * Format: uuid
             * @description null: from before it was kept, or none that is known
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14
             */
            keyId: string | null;
            /**
             * @description The dataset that a query went to; null for every other request
             * @example transactions
             */
            dataset: string | null;
            /** @description `code` of the problem that was the response; null for success, and for requests from before it was kept */
            errorCode: string | null;
        };
        UploadForm: {
            /**
             * @description Dataset that the rows go into.
             * @default transactions
             */
            dataset?: string;
            /**
             * @description Format of the file; detected from the content type, the file name or the content when left out.
             * @enum {string}
             */
            format?: "csv" | "tsv" | "json" | "ndjson" | "xml" | "parquet";
            /**
             * @description Encoding of a text file: a byte order mark decides; without one it is what XML declares, else
             *     the charset of the content type, else UTF-8.
             * @enum {string}
             */
            encoding?: "utf-8" | "utf-16" | "utf-16le" | "utf-16be" | "windows-1252";
            /**
             * @description Name to show for the file.
             * @example
             */
            fileName?: string;
            /**
             * @description JSON: dataset column to source header, constant or template, such as
             *     `{"TransactionId":"Row ID","TransactionDate":{"from":"Order Date","format":"M/D/YYYY"},"TotalPrice":"Sales"}`.
             *     Without it headers match by name. A template's `{#row}` counts the records of the file that is sent.
             * @example
             */
            mapping?: string;
            /**
             * @description What stands before the decimals of the file's numbers: `.` or `,`. A column's mapping may set its own.
             * @enum {string}
             */
            decimalSeparator?: "." | ",";
            /**
             * @description What stands between groups of three digits of the file's numbers: `.`, `,`, `'` or a blank (a no-break space too);
             *     none when left out. `1.234` is 1.234 unless `thousandsSeparator` is `.`.
             * @example
             * @enum {string}
             */
            thousandsSeparator?: "" | "." | "," | "'" | " ";
            /**
             * @description Texts that stand for no value besides the empty one, as a JSON list: `["NA","n/a","-"]`. Blanks around a value do not
             *     count; case does.
             * @example
             */
            nullValues?: string;
            /**
             * @description How dates and timestamps are written, such as `M/D/YYYY` or `DD.MM.YYYY`, where they are not ISO. A column's mapping may set its own.
             * @example
             */
            dateFormat?: string;
            /**
             * @description Time zone of timestamps that are written without one, such as `Europe/Berlin`; UTC when left out.
             * @example
             */
            timezone?: string;
            /**
             * @description `accounting` reads `$1,234.50` and `(45.00)`, which is negative; otherwise such numbers are rejected.
             * @enum {string}
             */
            numberStyle?: "plain" | "accounting";
            /**
             * @description Numbers with more decimals than their column has: rejected (`exact`), or rounded half away from zero (`round`).
             * @enum {string}
             */
            scale?: "exact" | "round";
            /**
             * @description What stands between the values of CSV and TSV: one ASCII character, or `tab`. It goes before a first line such as `sep=;`;
             *     when left out, that line or the header tells it.
             * @example
             */
            delimiter?: string;
            /**
             * @description What quotes values of CSV and TSV; with `none`, quotes are text like any other and no value spans lines.
             * @enum {string}
             */
            quote?: "\"" | "'" | "none";
            /**
             * @description Lines of CSV, TSV or NDJSON before the table that are no part of it, 0 to 1000. They may hold anything; line numbers of
             *     rejected rows count them.
             * @example
             */
            skipLines?: string;
            /**
             * @description Name of the XML element that is a record, wherever it stands; found by itself when left out.
             * @example
             */
            recordElement?: string;
            /**
             * @description What one bad row does: it is set aside, or nothing of the file becomes visible.
             * @default quarantine
             * @enum {string}
             */
            onError?: "quarantine" | "abort";
            /**
             * @description Rejected rows that the load may have, as a number or as a percentage of its rows (`5%`); with more it fails, and nothing
             *     of the file becomes visible.
             * @example
             */
            maxRejected?: string;
            /**
             * @description Load a file whose content is loaded already.
             * @default false
             * @enum {string}
             */
            force?: "true" | "false";
            /**
             * @description Answer when the job has ended (200; 422 when it failed) instead of at once (202).
             * @default false
             * @enum {string}
             */
            wait?: "true" | "false";
            /**
             * Format: binary
             * @description the file; the last field of the form
             */
            file: string;
        };
        IngestionWarningResponse: {
            /**
             * @example DECIMAL_COMMA
             * @enum {string}
             */
            code: "DECIMAL_COMMA" | "AMBIGUOUS_DATES" | "UNKNOWN_COLUMNS" | "ALL_EMPTY" | "MOSTLY_REJECTED";
            /**
             * @description of the dataset; null: none in particular
             * @example TotalPrice
             */
            column: string | null;
            /** @example TotalPrice: values with a comma were rejected, while 1.234 was read as a decimal number, with a point. If the comma stands before the decimals, delete this load and load the file again with decimalSeparator="," and thousandsSeparator="." (options of the API and the command line: --decimal-separator, --thousands-separator). */
            message: string;
            /**
             * @description values, or names of headers
             * @example [
             *       "1.234,50",
             *       "0,99",
             *       "1.234"
             *     ]
             */
            examples: string[];
        };
        IngestionResponse: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example transactions */
            dataset: string;
            /**
             * @example csv
             * @enum {string}
             */
            format: "csv" | "tsv" | "json" | "ndjson" | "xml" | "parquet";
            /** @example superstore.csv */
            fileName: string | null;
            /**
             * @example succeeded
             * @enum {string}
             */
            status: "queued" | "running" | "succeeded" | "failed" | "canceled";
            /**
             * @description size of the upload
             * @example 2304566
             */
            bytesTotal: number;
            /**
             * @description bytes of the upload, as it was sent, that were read
             * @example 2304566
             */
            bytesDone: number;
            /**
             * @description always rowsAccepted + rowsRejected
             * @example 10800
             */
            rowsRead: number;
            /** @example 9994 */
            rowsAccepted: number;
            /** @example 806 */
            rowsRejected: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.100Z
             */
            startedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:01.400Z
             */
            finishedAt: string | null;
            /**
             * @description why a job failed
             * @example null
             */
            error: string | null;
            /**
             * @description SHA-256 of the upload, in hex
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            sha256: string;
            /**
             * @description true: this content was loaded before, this is that job
             * @example false
             */
            duplicate: boolean;
            /**
             * Format: date-time
             * @description when its rows were taken out again (DELETE)
             * @example null
             */
            deletedAt: string | null;
            /** @description of a job that succeeded */
            warnings: components["schemas"]["IngestionWarningResponse"][];
            /**
             * @description of a running job; null: unknown yet, or ended
             * @example null
             */
            rowsPerSecond: number | null;
            /**
             * @description about; null: unknown yet, or ended
             * @example null
             */
            secondsRemaining: number | null;
        };
        FileColumn: {
            /**
             * @description its name in files and in `mapping`
             * @example TransactionId
             */
            column: string;
            /**
             * @description its header in files
             * @example TransactionId
             */
            source: string;
            /** @example Transaction */
            title: string;
            /**
             * @example text
             * @enum {string}
             */
            type: "text" | "integer" | "decimal" | "number" | "boolean" | "date" | "timestamp";
            /**
             * @description a record without a value is rejected
             * @example true
             */
            required: boolean;
            /**
             * @description the key: a record sent again replaces the earlier one
             * @example true
             */
            key: boolean;
        };
        FileDataset: {
            /** @example transactions */
            name: string;
            /** @example Transactions */
            title: string;
            /** @example Sales transactions, one record per product sold. */
            description: string;
            columns: components["schemas"]["FileColumn"][];
            /**
             * @description groups of columns; a record needs a value in at least one column of each
             * @example [
             *       [
             *         "Price",
             *         "TotalPrice"
             *       ]
             *     ]
             */
            alternatives: string[][];
        };
        IngestionDeletedResponse: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example transactions */
            dataset: string;
            /**
             * @example csv
             * @enum {string}
             */
            format: "csv" | "tsv" | "json" | "ndjson" | "xml" | "parquet";
            /** @example superstore.csv */
            fileName: string | null;
            /**
             * @example succeeded
             * @enum {string}
             */
            status: "queued" | "running" | "succeeded" | "failed" | "canceled";
            /**
             * @description size of the upload
             * @example 2304566
             */
            bytesTotal: number;
            /**
             * @description bytes of the upload, as it was sent, that were read
             * @example 2304566
             */
            bytesDone: number;
            /**
             * @description always rowsAccepted + rowsRejected
             * @example 10800
             */
            rowsRead: number;
            /** @example 9994 */
            rowsAccepted: number;
            /** @example 806 */
            rowsRejected: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.100Z
             */
            startedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:01.400Z
             */
            finishedAt: string | null;
            /**
             * @description why a job failed
             * @example null
             */
            error: string | null;
            /**
             * @description SHA-256 of the upload, in hex
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            sha256: string;
            /**
             * @description true: this content was loaded before, this is that job
             * @example false
             */
            duplicate: boolean;
            /**
             * Format: date-time
             * @description when its rows were taken out again (DELETE)
             * @example null
             */
            deletedAt: string | null;
            /** @description of a job that succeeded */
            warnings: components["schemas"]["IngestionWarningResponse"][];
            /**
             * @description of a running job; null: unknown yet, or ended
             * @example null
             */
            rowsPerSecond: number | null;
            /**
             * @description about; null: unknown yet, or ended
             * @example null
             */
            secondsRemaining: number | null;
            /**
             * @description rows of the dataset that were this job’s and are gone
             * @example 9994
             */
            rowsDeleted: number;
            /** @example 9994 rows of this job were taken out. Rows that a later job had replaced stay as they are; rows that this job had replaced do not come back. */
            message: string;
        };
        RejectResponse: {
            /**
             * @description record number, from 1, without the header
             * @example 9995
             */
            row: number;
            /**
             * @description line of the file on which the record starts
             * @example 9996
             */
            line: number;
            /** @example Quantity */
            column: string | null;
            /** @example Quantity: "two" is not an integer */
            reason: string;
            /** @example two */
            value: string;
            /**
             * @description the record as it was sent; of one over 1 MiB the beginning, marked as cut off
             * @example T9,2024-03-05,France,P1,two,10.50
             */
            raw: string;
        };
        RejectSummaryResponse: {
            /**
             * @description `{value}` stands where each row has its own value
             * @example Quantity: {value} is not an integer
             */
            reason: string;
            /** @example Quantity */
            column: string | null;
            /**
             * @description rows that were rejected for it
             * @example 798
             */
            count: number;
            /**
             * @description up to three different values, of which the first 100 characters are shown
             * @example [
             *       "1.5",
             *       "two",
             *       "three"
             *     ]
             */
            examples: string[];
        };
        DatasetColumn: {
            /**
             * @description integer: 64 bits; decimal: 38 digits, exact; number: a double; boolean: true/false, t/f, yes/no, y/n, 1/0; timestamp: milliseconds. An empty value is null in every type but text, where it is empty.
             * @example date
             * @enum {string}
             */
            type: "text" | "integer" | "decimal" | "number" | "boolean" | "date" | "timestamp";
            /** @example order_date */
            name: string;
            /**
             * @description Its header in files, matched ignoring case, spaces, _ and -; the name where it is left out
             * @example Order Date
             */
            source?: string;
            /** @example Order date */
            title?: string;
            /** @example The day on which the order was placed */
            description?: string;
            /**
             * @description A record without a value is rejected
             * @default false
             */
            required?: boolean;
            /**
             * @description Of decimals: digits behind the point; 4 where it is left out
             * @example 2
             */
            scale?: number;
            /**
             * @description Of dates and timestamps in files, where they are not ISO
             * @example M/D/YYYY
             */
            format?: string;
            /**
             * @description Of timestamps that are written without one; UTC where it is left out
             * @example Europe/Berlin
             */
            timezone?: string;
            /** @description Of texts: a few values that repeat, which are then stored by number */
            lowCardinality?: boolean;
        };
        DatasetMeasure: {
            /**
             * @description sums and averages of integers and decimals are exact; quantile is a value of the data; latest is the value of the row with the greatest `by`; ratio is of two other measures, null where the denominator is 0
             * @example sum
             * @enum {string}
             */
            type: "count" | "sum" | "avg" | "min" | "max" | "countDistinct" | "approxCountDistinct" | "quantile" | "latest" | "ratio";
            /**
             * @description the rows that it counts, as a query's filters on dimensions
             * @example [
             *       {
             *         "member": "segment",
             *         "operator": "equals",
             *         "values": [
             *           "Consumer"
             *         ]
             *       }
             *     ]
             */
            filters?: {
                [key: string]: unknown;
            }[];
            /** @example total_sales */
            name: string;
            /** @example Sales */
            title?: string;
            /** @example Without returns */
            description?: string;
            /**
             * @description The column that it is of; of a count: the rows in which the column has a value
             * @example sales
             */
            column?: string;
            /**
             * @description Of a quantile: 0 to 1
             * @example 0.95
             */
            level?: number;
            /**
             * @description Of the latest value: the column that orders the rows
             * @example order_date
             */
            by?: string;
            /**
             * @description Of a ratio: a measure
             * @example total_sales
             */
            numerator?: string;
            /**
             * @description Of a ratio: a measure
             * @example rows
             */
            denominator?: string;
        };
        DatasetPriceBody: {
            /** @example 1 */
            query?: number;
            /** @example 5 */
            export?: number;
            /** @example 0 */
            perMillionRows?: number;
        };
        CreateDatasetBody: {
            columns: components["schemas"]["DatasetColumn"][];
            /**
             * @description required columns that identify a row: one that is sent again replaces the older one; none: every row counts
             * @example [
             *       "row_id"
             *     ]
             */
            key?: string[];
            /** @description `rows` is always there */
            measures?: components["schemas"]["DatasetMeasure"][];
            /**
             * @description how its files are written where an upload does not say otherwise
             * @example {
             *       "decimalSeparator": ",",
             *       "thousandsSeparator": "."
             *     }
             */
            fileOptions?: {
                [key: string]: unknown;
            };
            /** @example orders */
            name: string;
            /** @example Orders */
            title?: string;
            /** @example Lines of the orders of our shops */
            description?: string;
            /**
             * @description The date or timestamp that periods are of; the only one where it is left out, none for null
             * @example order_date
             */
            timeDimension?: string | null;
            price?: components["schemas"]["DatasetPriceBody"] | null;
        };
        InferredColumnResponse: {
            /**
             * @description its header in the file
             * @example Order Date
             */
            source: string;
            /**
             * @description null: it is left out of the declaration
             * @example order_date
             */
            name: string | null;
            /**
             * @example date
             * @enum {string}
             */
            type: "text" | "integer" | "decimal" | "number" | "boolean" | "date" | "timestamp";
            /**
             * @description up to 0.5: look at the warnings
             * @example 0.98
             */
            confidence: number;
            /**
             * @description records of the sample without a value
             * @example 0
             */
            nulls: number;
            /**
             * @description at most five values
             * @example [
             *       "31.01.2024",
             *       "01.02.2024"
             *     ]
             */
            examples: string[];
            /**
             * @description what to check, and what to do
             * @example []
             */
            warnings: string[];
        };
        InferenceResponse: {
            /**
             * @description a declaration: POST /v1/admin/datasets
             * @example {
             *       "name": "orders_2024",
             *       "title": "Orders 2024",
             *       "columns": [
             *         {
             *           "name": "order_id",
             *           "source": "Order ID",
             *           "title": "Order ID",
             *           "type": "text",
             *           "required": true
             *         },
             *         {
             *           "name": "order_date",
             *           "source": "Order Date",
             *           "title": "Order Date",
             *           "type": "date",
             *           "required": true,
             *           "format": "D.M.YYYY"
             *         },
             *         {
             *           "name": "sales",
             *           "source": "Sales",
             *           "title": "Sales",
             *           "type": "decimal",
             *           "required": false,
             *           "scale": 4
             *         }
             *       ],
             *       "key": [
             *         "order_id"
             *       ],
             *       "timeDimension": "order_date",
             *       "measures": [
             *         {
             *           "name": "total_sales",
             *           "title": "Total sales",
             *           "type": "sum",
             *           "column": "sales"
             *         }
             *       ],
             *       "fileOptions": {
             *         "decimalSeparator": ",",
             *         "thousandsSeparator": "."
             *       }
             *     }
             */
            dataset: components["schemas"]["CreateDatasetBody"];
            /**
             * @description how the file writes its values, as the declaration has it too
             * @example {
             *       "decimalSeparator": ",",
             *       "thousandsSeparator": "."
             *     }
             */
            fileOptions: {
                [key: string]: unknown;
            };
            columns: components["schemas"]["InferredColumnResponse"][];
        };
        Source: {
            /**
             * @example s3
             * @enum {string}
             */
            type: "folder" | "http" | "s3";
            /**
             * @example {
             *       "format": "csv"
             *     }
             */
            options: {
                [key: string]: unknown;
            };
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example transactions */
            dataset: string;
            /** @example Shop exports */
            name: string;
            /** @example 0 5 * * * */
            schedule: string;
            /** @example true */
            isEnabled: boolean;
            /**
             * @description folder
             * @example shop/exports
             */
            path?: string;
            /**
             * @description folder
             * @example *.csv
             */
            pattern?: string | null;
            /**
             * @description http
             * @example [
             *       "https://example.com/export/sales.csv"
             *     ]
             */
            urls?: string[];
            /**
             * @description s3
             * @example https://minio.example.com
             */
            endpoint?: string | null;
            /**
             * @description s3
             * @example eu-central-1
             */
            region?: string;
            /**
             * @description s3
             * @example shop-exports
             */
            bucket?: string;
            /**
             * @description s3
             * @example sales/
             */
            prefix?: string;
            /**
             * @description s3
             * @example true
             */
            forcePathStyle?: boolean;
            /**
             * @description Whether headers or access keys are set; they are never shown
             * @example true
             */
            hasSecrets: boolean;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the last look that has ended began
             * @example 2026-01-31T12:00:00.000Z
             */
            lastRunAt: string | null;
            /** @description Why the last look failed; null when it did not */
            lastError: string | null;
            /**
             * @description Each of them doubles the wait until the next look, up to an hour
             * @example 0
             */
            consecutiveFailures: number;
            /**
             * Format: date-time
             * @description null while it is not enabled
             * @example 2026-01-31T12:05:00.000Z
             */
            nextRunAt: string | null;
            /**
             * @description Whether it is being looked at, or will be at once
             * @example false
             */
            isRunning: boolean;
        };
        CreateSourceBody: {
            /**
             * @description http: headers of the requests, such as Authorization; secret; null takes them away
             * @example {
             *       "Authorization": "Bearer TOKEN"
             *     }
             */
            headers?: {
                [key: string]: string;
            } | null;
            /**
             * @example http
             * @enum {string}
             */
            type: "folder" | "http" | "s3";
            /**
             * @description those of an upload, but dataset, fileName, force and wait; `mapping` as an object or as text
             * @example {
             *       "format": "csv",
             *       "onError": "abort"
             *     }
             */
            options?: {
                [key: string]: unknown;
            };
            /**
             * @description Another one for each source of the dataset; told by where it reads when left out
             * @example Shop exports
             */
            name?: string;
            /**
             * @description When it is looked at: a cron expression of five fields (six with seconds), in UTC
             * @example 0 5 * * *
             */
            schedule: string;
            /**
             * @description Whether the schedule holds
             * @example true
             */
            isEnabled?: boolean;
            /**
             * @description folder: path below SOURCES_DIR, without folders in it; empty for SOURCES_DIR itself
             * @example shop/exports
             */
            path?: string;
            /**
             * @description folder: which names of files, with `*` and `?`; null for all
             * @example *.csv
             */
            pattern?: string | null;
            /**
             * @description http: files to read, each as an object of its own. URLs are shown; what is secret belongs into `headers`
             * @example [
             *       "https://example.com/export/sales.csv"
             *     ]
             */
            urls?: string[];
            /**
             * @description s3: URL of the server; null or left out for Amazon's
             * @example https://minio.example.com
             */
            endpoint?: string | null;
            /**
             * @description s3
             * @example eu-central-1
             */
            region?: string;
            /**
             * @description s3
             * @example shop-exports
             */
            bucket?: string;
            /**
             * @description s3: only keys that begin with it
             * @example sales/
             */
            prefix?: string;
            /**
             * @description s3; secret
             * @example AKIAIOSFODNN7EXAMPLE
             */
            accessKeyId?: string;
            /**
             * @description s3; secret
             * @example wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
             */
            secretAccessKey?: string;
            /**
             * @description s3: the bucket in the path and not in the name of the host; true where there is an `endpoint`, unless it is given
             * @example true
             */
            forcePathStyle?: boolean;
        };
        UpdateSourceBody: {
            /**
             * @description http: headers of the requests, such as Authorization; secret; null takes them away
             * @example {
             *       "Authorization": "Bearer TOKEN"
             *     }
             */
            headers?: {
                [key: string]: string;
            } | null;
            /**
             * @description those of an upload, but dataset, fileName, force and wait; `mapping` as an object or as text
             * @example {
             *       "format": "csv",
             *       "onError": "abort"
             *     }
             */
            options?: {
                [key: string]: unknown;
            };
            /**
             * @description folder: path below SOURCES_DIR, without folders in it; empty for SOURCES_DIR itself
             * @example shop/exports
             */
            path?: string;
            /**
             * @description folder: which names of files, with `*` and `?`; null for all
             * @example *.csv
             */
            pattern?: string | null;
            /**
             * @description http: files to read, each as an object of its own. URLs are shown; what is secret belongs into `headers`
             * @example [
             *       "https://example.com/export/sales.csv"
             *     ]
             */
            urls?: string[];
            /**
             * @description s3: URL of the server; null or left out for Amazon's
             * @example https://minio.example.com
             */
            endpoint?: string | null;
            /**
             * @description s3
             * @example eu-central-1
             */
            region?: string;
            /**
             * @description s3
             * @example shop-exports
             */
            bucket?: string;
            /**
             * @description s3: only keys that begin with it
             * @example sales/
             */
            prefix?: string;
            /**
             * @description s3; secret
             * @example AKIAIOSFODNN7EXAMPLE
             */
            accessKeyId?: string;
            /**
             * @description s3; secret
             * @example wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
             */
            secretAccessKey?: string;
            /**
             * @description s3: the bucket in the path and not in the name of the host; true where there is an `endpoint`, unless it is given
             * @example true
             */
            forcePathStyle?: boolean;
            /**
             * @description Another one for each source of the dataset; told by where it reads when left out
             * @example Shop exports
             */
            name?: string;
            /**
             * @description When it is looked at: a cron expression of five fields (six with seconds), in UTC
             * @example 0 5 * * *
             */
            schedule?: string;
            /**
             * @description Whether the schedule holds
             * @example true
             */
            isEnabled?: boolean;
        };
        RunSourceBody: {
            /**
             * @description Also what could not be read, and what has a failed job, though it has not changed
             * @example true
             */
            retryFailed?: boolean;
        };
        SourceObject: {
            /**
             * @description waiting: not read yet, or still being written; failed: it could not be read or its job failed; else that of its job
             * @example succeeded
             * @enum {string}
             */
            state: "waiting" | "queued" | "running" | "succeeded" | "failed" | "canceled";
            /**
             * @description Path below SOURCES_DIR, URL, or key in the bucket
             * @example sales/2026-01.csv
             */
            location: string;
            /** @example 2304566 */
            size: number | null;
            /** @example ""9b2cf535f27731c974343645a3985328"" */
            etag: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T11:58:00.000Z
             */
            modifiedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            foundAt: string;
            /**
             * Format: date-time
             * @description Since when it looks as it does
             * @example 2026-01-31T12:00:00.000Z
             */
            changedAt: string;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            ingestionId: string | null;
            /**
             * @description The job had brought the same content before
             * @example false
             */
            duplicate: boolean;
            error: string | null;
        };
        EndpointParameterBody: {
            /**
             * @description number is a decimal, taken with all of its digits; date is YYYY-MM-DD
             * @example text
             * @enum {string}
             */
            type: "text" | "number" | "boolean" | "date";
            /**
             * @description whether a request must have it; left out: it must unless it has a default. Where one that is neither required nor has a default is not given, the filter, date range or limit that it stands in is left out
             * @example true
             */
            required?: boolean;
            /**
             * @description stands for it where a request does not give it; a list where it stands among the values of a filter
             * @example Germany
             */
            default?: string | number | boolean | (string | number | boolean)[];
            /**
             * @description the only values that it may have
             * @example [
             *       "Germany",
             *       "France"
             *     ]
             */
            values?: (string | number | boolean)[];
            /** @example country */
            name: string;
            /** @example Where it was sold */
            description?: string;
        };
        EndpointResponse: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example revenue-by-category */
            name: string;
            /** @example Revenue by category */
            title: string;
            /** @example Revenue and transactions of a country, by category */
            description: string;
            /**
             * @example {
             *       "dataset": "transactions",
             *       "measures": [
             *         "revenue"
             *       ],
             *       "dimensions": [
             *         "category"
             *       ]
             *     }
             */
            query: {
                [key: string]: unknown;
            };
            parameters: components["schemas"]["EndpointParameterBody"][];
            /**
             * @description null: the dataset's price
             * @example 2
             */
            costCredits: number | null;
            /** @example 300 */
            cacheSeconds: number | null;
            /**
             * @description counts the changes
             * @example 1
             */
            revision: number;
            /**
             * @description why it cannot be executed: its query does not fit the datasets any more; null when it can
             * @example null
             */
            broken: string | null;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            updatedAt: string;
        };
        EndpointBody: {
            /**
             * @description as the body of `POST /v1/query`; `{"param":"country"}` may stand where a value stands: in the values of filters, in dateRange and compareDateRange, as limit and offset
             * @example {
             *       "dataset": "transactions",
             *       "measures": [
             *         "revenue",
             *         "transactions"
             *       ],
             *       "dimensions": [
             *         "category"
             *       ],
             *       "filters": [
             *         {
             *           "member": "country",
             *           "operator": "equals",
             *           "values": [
             *             {
             *               "param": "country"
             *             }
             *           ]
             *         }
             *       ],
             *       "order": [
             *         [
             *           "revenue",
             *           "desc"
             *         ]
             *       ]
             *     }
             */
            query: {
                [key: string]: unknown;
            };
            parameters?: components["schemas"]["EndpointParameterBody"][];
            /**
             * @description what a request costs in any format; the dataset's price where it is left out
             * @example 2
             */
            costCredits?: number | null;
            /**
             * @description for how long a result may be reused although the data has changed (JSON); left out or 0: a change of the data is in the next response
             * @example 300
             */
            cacheSeconds?: number | null;
            /** @example Revenue by category */
            title: string;
            /** @example Revenue and transactions of a country, by category */
            description?: string;
        };
        AvailableParameter: {
            /**
             * @description number is a decimal, taken with all of its digits; date is YYYY-MM-DD
             * @example text
             * @enum {string}
             */
            type: "text" | "number" | "boolean" | "date";
            /**
             * @description whether a request must have it
             * @example true
             */
            required?: boolean;
            /**
             * @description stands for it where a request does not give it; a list where it stands among the values of a filter
             * @example Germany
             */
            default?: string | number | boolean | (string | number | boolean)[];
            /**
             * @description the only values that it may have
             * @example [
             *       "Germany",
             *       "France"
             *     ]
             */
            values?: (string | number | boolean)[];
            /**
             * @description whether it may be given several times: any of the values
             * @example true
             */
            repeatable: boolean;
            /** @example country */
            name: string;
            /** @example Where it was sold */
            description?: string;
        };
        QueryColumn: {
            /** @example revenue */
            name: string;
            /**
             * @example decimal
             * @enum {string}
             */
            type: "text" | "integer" | "decimal" | "number" | "boolean" | "date" | "timestamp";
        };
        AvailableEndpoint: {
            /** @example revenue-by-category */
            name: string;
            /** @example Revenue by category */
            title: string;
            /** @example Revenue and transactions of a country, by category */
            description: string;
            /** @example /v1/endpoints/revenue-by-category */
            path: string;
            parameters: components["schemas"]["AvailableParameter"][];
            /** @description of its results */
            columns: components["schemas"]["QueryColumn"][];
            /**
             * @description what a request costs in JSON, before perMillionRows
             * @example 2
             */
            costCredits: number;
            /**
             * @description what it costs in another format, before perMillionRows
             * @example 2
             */
            exportCostCredits: number;
            /**
             * @description credits on top for each begun million of the rows to be read; 0 where the endpoint has a cost of its own
             * @example 0
             */
            perMillionRows: number;
            /** @example 300 */
            cacheSeconds: number | null;
        };
        OpenApiDocument: {
            /** @example 3.1.0 */
            openapi: string;
            /** @example {} */
            info: {
                [key: string]: unknown;
            };
            /**
             * @example [
             *       {
             *         "url": "/"
             *       }
             *     ]
             */
            servers: {
                [key: string]: unknown;
            }[];
            /**
             * @example [
             *       {
             *         "apiKey": []
             *       }
             *     ]
             */
            security: {
                [key: string]: unknown;
            }[];
            /**
             * @example [
             *       {
             *         "name": "Endpoints"
             *       }
             *     ]
             */
            tags: {
                [key: string]: unknown;
            }[];
            /**
             * @description one for each endpoint
             * @example {}
             */
            paths: {
                [key: string]: unknown;
            };
            /** @example {} */
            components: {
                [key: string]: unknown;
            };
        };
        MemberValues: {
            /**
             * @description most frequent first
             * @example [
             *       "Germany",
             *       "France"
             *     ]
             */
            data: string[];
            pagination: components["schemas"]["Pagination"];
        };
        QueryPage: {
            /** @example 100 */
            limit: number;
            /** @example 0 */
            offset: number;
            /** @example 3 */
            returned: number;
            /**
             * @description null unless the query has "total": true
             * @example 3
             */
            total: number | null;
        };
        QueryExplanation: {
            /**
             * @description not there where an access policy applies to the key or its user
             * @example SELECT
             *       count() AS `transactions`
             *     FROM `transactions` AS t FINAL
             *     LIMIT 100 OFFSET 0
             */
            sql?: string;
            /**
             * @description bound to {name:Type}
             * @example {
             *       "p0": "Toys"
             *     }
             */
            params?: {
                [key: string]: string | string[];
            };
            /**
             * @description rows that ClickHouse read for this result
             * @example 9994
             */
            rowsRead: number;
            /**
             * @description how long it has been in the cache; null when it comes from ClickHouse
             * @example 1250
             */
            cacheAgeMs: number | null;
        };
        QueryFacts: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example transactions */
            dataset: string;
            /** @description whether the result comes from the cache */
            cached: boolean;
            /**
             * Format: double
             * @example 4.2
             */
            elapsedMs: number;
            /**
             * @description rows that ClickHouse read; 0 when cached
             * @example 9994
             */
            rowsRead: number;
            /** @description with "explain": true */
            explain?: components["schemas"]["QueryExplanation"];
        };
        QueryCredits: {
            /**
             * @description 0 for the root key, which has no account
             * @example 1
             */
            charged: number;
            /**
             * @description left on the account; 0 for the root key
             * @example 99
             */
            remaining: number;
        };
        QueryResponse: {
            /**
             * @description of each row the value of each column
             * @example [
             *       {
             *         "country": "Germany",
             *         "revenue": 12345.6789,
             *         "transactions": 42
             *       }
             *     ]
             */
            data: {
                [key: string]: (string | null) | Decimal;
            }[];
            columns: components["schemas"]["QueryColumn"][];
            page: components["schemas"]["QueryPage"];
            query: components["schemas"]["QueryFacts"];
            credits: components["schemas"]["QueryCredits"];
        };
        QueryCondition: {
            /**
             * @description a dimension or a measure
             * @example category
             */
            member: string;
            /**
             * @example equals
             * @enum {string}
             */
            operator: "equals" | "notEquals" | "contains" | "notContains" | "startsWith" | "endsWith" | "gt" | "gte" | "lt" | "lte" | "set" | "notSet" | "inDateRange" | "notInDateRange" | "beforeDate" | "afterDate";
            /**
             * @description any of them (up to 1000); exactly one for gt, gte, lt, lte, beforeDate and afterDate; left out for set and notSet; [from, to], [day] or ["last 7 days"] for the date ranges
             * @example [
             *       "Toys"
             *     ]
             */
            values?: (string | number | boolean)[];
        };
        QueryAnyOf: {
            /** @description at least one of them holds; measures and dimensions are not mixed */
            or: (components["schemas"]["QueryCondition"] | components["schemas"]["QueryAnyOf"] | components["schemas"]["QueryAllOf"])[];
        };
        QueryAllOf: {
            /** @description all of them hold */
            and: (components["schemas"]["QueryCondition"] | components["schemas"]["QueryAnyOf"] | components["schemas"]["QueryAllOf"])[];
        };
        QueryTimeDimension: {
            /** @example transaction_date */
            dimension: string;
            /**
             * @description groups by period; the column is named by the dimension and holds the first day (weeks: Monday); minute and hour are for timestamps, and hold the time at which it begins
             * @example month
             * @enum {string}
             */
            granularity?: "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year";
            /**
             * @description [from, to], both included; one day; or a range relative to today in the query's `timezone`: "today", "yesterday", "this week|month|quarter|year", "last week|month|quarter|year" or "last N days|weeks|months|quarters|years" (N from 1 to 9999). Weeks begin on Monday; "this month" is the whole month; "last 7 days" are the seven before today, and "last 2 months" the two whole ones before this one. For timestamps also date-times with their offset.
             * @example [
             *       "2024-01-01",
             *       "2024-12-31"
             *     ]
             */
            dateRange?: string | string[];
            /**
             * @description in place of dateRange: the result for each of these ranges, with the column `compareDateRange` ("2024-01-01 - 2024-12-31"; timestamps as responses write them). The ranges come in this order, one after the other, unless `order` names that column; limit, offset and total are of all of them together.
             * @example [
             *       "this month",
             *       [
             *         "2024-01-01",
             *         "2024-01-31"
             *       ]
             *     ]
             */
            compareDateRange?: (string | string[])[];
        };
        QueryRequest: {
            /** @example transactions */
            dataset: string;
            /**
             * @example [
             *       "revenue",
             *       "transactions"
             *     ]
             */
            measures?: string[];
            /**
             * @example [
             *       "country"
             *     ]
             */
            dimensions?: string[];
            /**
             * @description rows instead of groups, in place of measures and dimensions
             * @example [
             *       "transaction_id",
             *       "country",
             *       "total_price"
             *     ]
             */
            select?: string[];
            timeDimension?: components["schemas"]["QueryTimeDimension"];
            /** @description all of them hold; and/or nest to depth 4 */
            filters?: (components["schemas"]["QueryCondition"] | components["schemas"]["QueryAnyOf"] | components["schemas"]["QueryAllOf"])[];
            /**
             * @description columns of the query; ties are ordered by the dimensions, ascending; null last
             * @example [
             *       [
             *         "revenue",
             *         "desc"
             *       ]
             *     ]
             */
            order?: string[][];
            /**
             * @description exports: no maximum, and none unless it is given
             * @default 100
             */
            limit?: number;
            /** @default 0 */
            offset?: number;
            /**
             * @description count all groups or rows into page.total, which reads them once more; not in exports
             * @default false
             */
            total?: boolean;
            /**
             * @description IANA time zone used for "today" and to group timestamps by hour or day; dates have no time zone
             * @default UTC
             * @example UTC
             */
            timezone?: string;
            /**
             * @description adds query.explain: how the result was made (JSON only)
             * @default false
             */
            explain?: boolean;
            /**
             * @description whole credits: a query that costs more is refused, and nothing is charged
             * @example 10
             */
            maxCostCredits?: number;
        };
        DryRunResponse: {
            /**
             * @description not there where an access policy applies to the key or its user
             * @example SELECT
             *       count() AS `transactions`
             *     FROM `transactions` AS t FINAL
             *     LIMIT 100 OFFSET 0
             */
            sql?: string;
            /**
             * @description bound to {name:Type}
             * @example {
             *       "p0": "Toys"
             *     }
             */
            params?: {
                [key: string]: string | string[];
            };
            /**
             * @description what an account pays in the format that Accept names; the root key has no account and pays nothing
             * @example 1
             */
            costCredits: number;
            /**
             * @description rows that ClickHouse expects to read
             * @example 9994
             */
            estimatedRows: number;
        };
        CreateCategoryBody: {
            /**
             * @description Unique, ignoring case
             * @example Toys
             */
            name: string;
            /** @example Things to play with */
            description?: string | null;
        };
        Category: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Toys */
            name: string;
            /** @example Things to play with */
            description: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            updatedAt: string;
        };
        UpdateCategoryBody: {
            /**
             * @description Unique, ignoring case
             * @example Toys
             */
            name?: string;
            /** @example Things to play with */
            description?: string | null;
        };
        CreateProductBody: {
            /** @example 19.99 */
            price: Decimal | string;
            /** @example Yo-yo */
            name: string;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            categoryId: string;
            /** @example 100 */
            stockQuantity: number;
            /** @example Comes back */
            description?: string | null;
            /**
             * @description A product that is not active cannot be ordered
             * @example true
             */
            isActive?: boolean;
        };
        Product: {
            /**
             * Format: decimal
             * @description exact to 4 decimals
             * @example 19.99
             */
            price: Decimal;
            /**
             * @description pieces in orders that stand
             * @example 7
             */
            sold: number;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Yo-yo */
            name: string;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12
             */
            categoryId: string;
            /** @example 100 */
            stockQuantity: number;
            /** @example Comes back */
            description: string | null;
            /** @example true */
            isActive: boolean;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            updatedAt: string;
        };
        CreateProductsBody: {
            products: components["schemas"]["CreateProductBody"][];
        };
        CreatedProducts: {
            /** @description in the order in which they were sent */
            data: components["schemas"]["Product"][];
        };
        UpdateProductBody: {
            /** @example 19.99 */
            price?: Decimal | string;
            /** @example Yo-yo */
            name?: string;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            categoryId?: string;
            /** @example 100 */
            stockQuantity?: number;
            /** @example Comes back */
            description?: string | null;
            /**
             * @description A product that is not active cannot be ordered
             * @example true
             */
            isActive?: boolean;
        };
        CreateCustomerBody: {
            /** @example Ada Buyer */
            name: string;
            /**
             * Format: email
             * @description Unique, ignoring case
             * @example ada@example.com
             */
            email: string;
            /** @example France */
            country?: string | null;
            /** @example Europe */
            region?: string | null;
        };
        CustomerResponse: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Ada Buyer */
            name: string;
            /** @example ada@example.com */
            email: string;
            /** @example France */
            country: string | null;
            /** @example Europe */
            region: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            updatedAt: string;
        };
        UpdateCustomerBody: {
            /** @example Ada Buyer */
            name?: string;
            /**
             * Format: email
             * @description Unique, ignoring case
             * @example ada@example.com
             */
            email?: string;
            /** @example France */
            country?: string | null;
            /** @example Europe */
            region?: string | null;
        };
        OrderItemBody: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            productId: string;
            /** @example 2 */
            quantity: number;
        };
        CreateOrderBody: {
            items: components["schemas"]["OrderItemBody"][];
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            customerId: string;
        };
        OrderItem: {
            /**
             * Format: uuid
             * @description the transaction_id of the item in the dataset "transactions"
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13
             */
            id: string;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            productId: string;
            /** @example Yo-yo */
            productName: string;
            /** @example 2 */
            quantity: number;
            /**
             * Format: decimal
             * @description the product's when it was ordered
             * @example 19.99
             */
            price: Decimal;
            /**
             * Format: decimal
             * @description price x quantity, exact
             * @example 39.98
             */
            totalPrice: Decimal;
        };
        Order: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12
             */
            id: string;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            customerId: string;
            /** @example Ada Buyer */
            customerName: string;
            items: components["schemas"]["OrderItem"][];
            /**
             * Format: decimal
             * @description exact sum of the items
             * @example 39.98
             */
            total: Decimal;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        CountryRevenue: {
            /** @example France */
            country: string;
            /** @example P-1 */
            productId: string;
            /** @example Yo-yo */
            productName: string;
            /**
             * Format: decimal
             * @example 1234.56
             */
            totalRevenue: Decimal;
            /** @example 17 */
            transactions: number;
        };
        CountryRevenueReport: {
            /**
             * Format: date-time
             * @description as of when; null: nothing was ever loaded
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string | null;
            data: components["schemas"]["CountryRevenue"][];
            pagination: components["schemas"]["Pagination"];
        };
        TopProduct: {
            /** @example P-1 */
            productId: string;
            /** @example Yo-yo */
            productName: string;
            /**
             * Format: int64
             * @description items sold
             * @example 170
             */
            purchaseCount: Decimal;
            /**
             * @description of the record with the greatest AddedDate
             * @example 12
             */
            stockQuantity: number;
        };
        TopProductsReport: {
            /**
             * Format: date-time
             * @description as of when; null: nothing was ever loaded
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string | null;
            data: components["schemas"]["TopProduct"][];
        };
        MonthlySales: {
            /** @example 2024-01 */
            month: string;
            /** @example 17 */
            transactions: number;
            /**
             * Format: int64
             * @example 170
             */
            itemsSold: Decimal;
            /**
             * Format: decimal
             * @example 1234.56
             */
            revenue: Decimal;
        };
        MonthlySalesReport: {
            /**
             * Format: date-time
             * @description as of when; null: nothing was ever loaded
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string | null;
            data: components["schemas"]["MonthlySales"][];
        };
        RegionRevenue: {
            /** @example Europe */
            region: string;
            /**
             * Format: decimal
             * @example 1234.56
             */
            totalRevenue: Decimal;
            /**
             * Format: int64
             * @example 170
             */
            itemsSold: Decimal;
        };
        RegionRevenueReport: {
            /**
             * Format: date-time
             * @description as of when; null: nothing was ever loaded
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string | null;
            data: components["schemas"]["RegionRevenue"][];
        };
        TopCustomer: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Ada Buyer */
            name: string;
            /**
             * Format: decimal
             * @example 1234.56
             */
            totalSpent: Decimal;
            /** @example 12 */
            totalOrders: number;
        };
        RecentProduct: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Yo-yo */
            name: string;
            /**
             * Format: decimal
             * @example 19.99
             */
            price: Decimal;
            /** @example 100 */
            stockQuantity: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        ProductFigures: {
            /** @example 10000 */
            totalProducts: number;
            /**
             * Format: int64
             * @example 500000
             */
            totalStock: Decimal;
            /**
             * Format: decimal
             * @description to 4 decimals; null without products
             * @example 24.9871
             */
            averagePrice: Decimal | null;
            /** @description the ten newest */
            recentProducts: components["schemas"]["RecentProduct"][];
        };
        OverviewReport: {
            /** @description the ten who spent most */
            topCustomers: components["schemas"]["TopCustomer"][];
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string;
            productReport: components["schemas"]["ProductFigures"];
        };
        ProductReport: {
            /** @example 10000 */
            totalProducts: number;
            /**
             * Format: int64
             * @example 500000
             */
            totalStock: Decimal;
            /**
             * Format: decimal
             * @description to 4 decimals; null without products
             * @example 24.9871
             */
            averagePrice: Decimal | null;
            /** @description the ten newest */
            recentProducts: components["schemas"]["RecentProduct"][];
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string;
        };
        TopCustomersReport: {
            data: components["schemas"]["TopCustomer"][];
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string;
        };
        ViewStatus: {
            /** @example mv_monthly_sales */
            name: string;
            /**
             * @description since the last refresh
             * @example 48
             */
            rows: number;
            /**
             * @description of the last refresh
             * @example 35
             */
            durationMs: number | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string | null;
            /**
             * @description of the last try, when it failed
             * @example null
             */
            lastError: string | null;
            /**
             * Format: date-time
             * @example null
             */
            lastErrorAt: string | null;
        };
        ViewStatuses: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string | null;
            data: components["schemas"]["ViewStatus"][];
        };
        RefreshedViews: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            refreshedAt: string | null;
            data: components["schemas"]["ViewStatus"][];
            /**
             * @description of all views together
             * @example 120
             */
            durationMs: number;
        };
        SeriesPoint: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            timestamp: string;
            /**
             * @example {
             *       "amount": 12.5,
             *       "region": "EMEA"
             *     }
             */
            values: {
                [key: string]: string | Decimal | boolean;
            };
        };
        RegionMetrics: {
            /** @example 1200 */
            events: number;
            /**
             * Format: double
             * @description sum of `values.amount`, with four places
             * @example 15400.5
             */
            amount: number;
        };
        MetricsResponse: {
            /**
             * @description all events ever stored, exact
             * @example 4210
             */
            totalEvents: number;
            /**
             * Format: double
             * @description mean of the last ten seconds
             * @example 12.4
             */
            eventsPerSecond: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /**
             * @description the first 256 names that come; the rest together under `(other)`
             * @example {
             *       "sale": 4000,
             *       "visit": 210
             *     }
             */
            eventsByType: {
                [key: string]: number;
            };
            /**
             * @description the first 256 names that come; the rest together under `(other)`
             * @example {
             *       "shop-1": 4210
             *     }
             */
            eventsBySource: {
                [key: string]: number;
            };
            /**
             * @description the last value of each `type.key`; of the 512 that were set last
             * @example {
             *       "sale.amount": 12.5
             *     }
             */
            recentValues: {
                [key: string]: string | Decimal | boolean;
            };
            /**
             * @description the last 100 events of each type, oldest first; of the 64 types that came last, at most 1 MiB of values
             * @example {
             *       "sale": [
             *         {
             *           "timestamp": "2026-01-31T12:00:00.000Z",
             *           "values": {
             *             "amount": 12.5
             *           }
             *         }
             *       ]
             *     }
             */
            timeSeries: {
                [key: string]: components["schemas"]["SeriesPoint"][];
            };
            /**
             * @description by `values.region`; the first 256 names that come; the rest together under `(other)`
             * @example {
             *       "EMEA": {
             *         "events": 1200,
             *         "amount": 15400.5
             *       }
             *     }
             */
            regions: {
                [key: string]: components["schemas"]["RegionMetrics"];
            };
        };
        SnapshotData: {
            metrics: components["schemas"]["MetricsResponse"];
            /** @description the latest 20; for admins and viewers */
            ingestions?: components["schemas"]["IngestionResponse"][];
        };
        SnapshotFrame: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "snapshot";
            data: components["schemas"]["SnapshotData"];
        };
        ChangedMetricsResponse: {
            /**
             * @description all events ever stored, exact
             * @example 4210
             */
            totalEvents: number;
            /**
             * Format: double
             * @description mean of the last ten seconds
             * @example 12.4
             */
            eventsPerSecond: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /**
             * @description those that changed; null: gone
             * @example {
             *       "sale": 4000,
             *       "visit": 210
             *     }
             */
            eventsByType: {
                [key: string]: number | null;
            };
            /**
             * @description those that changed; null: gone
             * @example {
             *       "shop-1": 4210
             *     }
             */
            eventsBySource: {
                [key: string]: number | null;
            };
            /**
             * @description those that changed; null: gone
             * @example {
             *       "sale.amount": 12.5
             *     }
             */
            recentValues: {
                [key: string]: (string | null) | Decimal | boolean;
            };
            /**
             * @description those that changed; null: gone
             * @example {
             *       "EMEA": {
             *         "events": 1200,
             *         "amount": 15400.5
             *       }
             *     }
             */
            regions: {
                [key: string]: components["schemas"]["RegionMetrics"] | null;
            };
        };
        MetricsFrame: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "metrics";
            data: components["schemas"]["ChangedMetricsResponse"];
        };
        StoredEventResponse: {
            /** @example shop-berlin */
            source: string;
            /** @example sale */
            type: string;
            /**
             * @description flat, at most 64 keys of at most 128 characters, together at most 8 KiB. Numbers are exact: less than 1e28, at most 38 decimals
             * @example {
             *       "amount": 19.99,
             *       "quantity": 2,
             *       "region": "Europe",
             *       "returning": true
             *     }
             */
            values: {
                [key: string]: Decimal | string | boolean;
            };
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            timestamp: string;
        };
        EventData: {
            /** @description oldest first */
            events: components["schemas"]["StoredEventResponse"][];
            /**
             * @description events before them that were left out
             * @example 0
             */
            omitted: number;
        };
        EventFrame: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "event";
            data: components["schemas"]["EventData"];
        };
        IngestionData: {
            /** @description as they are now */
            ingestions: components["schemas"]["IngestionResponse"][];
        };
        IngestionFrame: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "ingestion";
            data: components["schemas"]["IngestionData"];
        };
        DashboardData: {
            /**
             * @example [
             *       "views"
             *     ]
             */
            changed: ("transactions" | "views" | "catalog")[];
        };
        DashboardFrame: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "dashboard";
            data: components["schemas"]["DashboardData"];
        };
        EventInput: {
            /**
             * Format: date-time
             * @description when it happened: ISO-8601, UTC where it names no offset; from the year 2000 to a day ahead; left out: now
             * @example 2026-01-15T09:30:00.000Z
             */
            timestamp?: string;
            /** @example shop-berlin */
            source: string;
            /** @example sale */
            type: string;
            /**
             * @description flat, at most 64 keys of at most 128 characters, together at most 8 KiB. Numbers are exact: less than 1e28, at most 38 decimals
             * @example {
             *       "amount": 19.99,
             *       "quantity": 2,
             *       "region": "Europe",
             *       "returning": true
             *     }
             */
            values: {
                [key: string]: Decimal | string | boolean;
            };
        };
        IngestResponse: {
            /**
             * @example data received
             * @enum {string}
             */
            status: "data received";
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
        };
        RejectedEvent: {
            /**
             * @description place in the batch, from 0; blank lines do not count
             * @example 3
             */
            index: number;
            /** @example values.user: must be a number, a string or a boolean */
            reason: string;
        };
        BatchResponse: {
            /**
             * @example data received
             * @enum {string}
             */
            status: "data received";
            /** @example 999 */
            accepted: number;
            rejected: components["schemas"]["RejectedEvent"][];
        };
        LiveResponse: {
            /**
             * @example ok
             * @enum {string}
             */
            status: "ok";
        };
        HealthResponse: {
            /**
             * @example ok
             * @enum {string}
             */
            status: "ok" | "error";
            /**
             * @example {
             *       "postgres": "up",
             *       "clickhouse": "up"
             *     }
             */
            engines: {
                [key: string]: "up" | "down";
            };
        };
        SettingState: {
            /**
             * @description The environment variable
             * @example QUERY_TIMEOUT_SECONDS
             */
            name: string;
            /**
             * @description What is in force; of a URL without user, password and parameters; null: not set, or a secret
             * @example 30
             */
            value: string | null;
            /**
             * @description A secret's value is in no response
             * @example false
             */
            isSecret: boolean;
            /**
             * @description False: the default is in force
             * @example false
             */
            isSet: boolean;
            /**
             * @description What it does
             * @example How long a query may take; for an export, how long ClickHouse may send nothing.
             */
            description: string;
        };
        Settings: {
            /** @description in the order of the configuration */
            data: components["schemas"]["SettingState"][];
        };
        EngineHealth: {
            /**
             * @example clickhouse
             * @enum {string}
             */
            name: "postgres" | "clickhouse" | "redis" | "rabbitmq";
            /**
             * Format: double
             * @description How long the answer took, or was waited for
             * @example 1.8
             */
            latencyMs: number;
            /**
             * @description It answered a real query within 2 seconds
             * @example true
             */
            isUp: boolean;
            /**
             * @description Started by this server below DATA_DIR
             * @example true
             */
            isEmbedded: boolean;
            /**
             * @description null: not known
             * @example 26.7.2.1
             */
            version: string | null;
            /**
             * @description What its data takes: on disk, copies on other nodes not counted; of Redis in memory; null: not known
             * @example 52428800
             */
            usedBytes: number | null;
            /**
             * @description On its fullest disk; null: not known
             * @example 107374182400
             */
            freeBytes: number | null;
            /** @description How far its slowest replica is behind; null: it has none, or not known */
            lagSeconds: number | null;
            /** @description Messages of a queue that wait to be delivered; null for the others */
            waitingMessages: number | null;
        };
        EnginesHealth: {
            /** @description without Redis and RabbitMQ where they are not used */
            data: components["schemas"]["EngineHealth"][];
        };
        Owner: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12
             */
            id: string;
            /** @example alice */
            username: string;
        };
        BoardSummary: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Revenue by category */
            name: string;
            /** @example Without returns */
            description: string;
            /**
             * @example private
             * @enum {string}
             */
            visibility: "private" | "shared";
            /**
             * @description whose it is, told to admins; null: not told, or of the root key
             * @example null
             */
            owner: components["schemas"]["Owner"] | null;
            /**
             * @description whether it belongs to the account that asks
             * @example true
             */
            isOwn: boolean;
            /**
             * @description whether this key may change it
             * @example true
             */
            mayChange: boolean;
            /**
             * @description counts the changes
             * @example 1
             */
            revision: number;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            updatedAt: string;
            /** @example null */
            refreshSeconds: number | null;
            /** @example 6 */
            tileCount: number;
        };
        BoardTileBody: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            savedQueryId?: string | null;
            /**
             * @description plain, of several lines
             * @example null
             */
            text?: string | null;
            /**
             * @description the column
             * @example 0
             */
            x: number;
            /**
             * @description the row
             * @example 0
             */
            y: number;
            /**
             * @description columns wide
             * @example 6
             */
            w: number;
            /**
             * @description rows high
             * @example 4
             */
            h: number;
        };
        BoardBody: {
            /**
             * @description shared: for whoever may query its dataset and members, and gets the same rows of them as its author, or all rows
             * @default private
             * @enum {string}
             */
            visibility?: "private" | "shared";
            /**
             * @description how often whoever shows it queries its tiles anew; null: when somebody asks. Each time is paid
             * @example null
             */
            refreshSeconds?: number | null;
            /** @description on a grid of 12 columns */
            tiles: components["schemas"]["BoardTileBody"][];
            /** @example Revenue by category */
            name: string;
            /** @example Without returns */
            description?: string;
        };
        ColumnFormat: {
            /**
             * @description percent: 0.25 is 25%
             * @example currency
             * @enum {string}
             */
            kind: "number" | "currency" | "percent" | "compact";
            /**
             * @description ISO 4217; USD when it is not given
             * @example EUR
             */
            currency?: string;
            /**
             * @description digits behind the point; as many as there are when it is not given
             * @example 2
             */
            decimals?: number;
        };
        ResultView: {
            /**
             * @example bar
             * @enum {string}
             */
            type: "table" | "line" | "bar" | "stackedBar" | "area" | "ring" | "figure" | "pivot";
            /**
             * @description by the names of columns
             * @example {
             *       "revenue": {
             *         "kind": "currency",
             *         "currency": "EUR",
             *         "decimals": 2
             *       }
             *     }
             */
            formats?: {
                [key: string]: components["schemas"]["ColumnFormat"];
            };
            /**
             * @description The measures to show
             * @example [
             *       "revenue"
             *     ]
             */
            measures?: string[];
            /**
             * @description Those of them that a chart measures by its right axis
             * @example []
             */
            right?: string[];
            /**
             * @description The groups that a pivot has across its columns; the others are its rows
             * @example []
             */
            across?: string[];
            /**
             * @description Of a pivot
             * @example true
             */
            totals?: boolean;
        };
        SavedQuery: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Revenue by category */
            name: string;
            /** @example Without returns */
            description: string;
            /**
             * @example private
             * @enum {string}
             */
            visibility: "private" | "shared";
            /**
             * @description whose it is, told to admins; null: not told, or of the root key
             * @example null
             */
            owner: components["schemas"]["Owner"] | null;
            /**
             * @description whether it belongs to the account that asks
             * @example true
             */
            isOwn: boolean;
            /**
             * @description whether this key may change it
             * @example true
             */
            mayChange: boolean;
            /**
             * @description counts the changes
             * @example 1
             */
            revision: number;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            updatedAt: string;
            /** @example transactions */
            dataset: string;
            /**
             * @example {
             *       "dataset": "transactions",
             *       "measures": [
             *         "revenue"
             *       ],
             *       "dimensions": [
             *         "category"
             *       ],
             *       "order": [
             *         [
             *           "revenue",
             *           "desc"
             *         ]
             *       ]
             *     }
             */
            query: {
                [key: string]: unknown;
            };
            view: components["schemas"]["ResultView"];
            /**
             * @description why this key cannot execute it: it does not fit the datasets any more; null when it can
             * @example null
             */
            broken: string | null;
        };
        BoardTile: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            savedQueryId: string | null;
            /** @description null where it is a text, and where the saved query does not exist for this key: it is private, say */
            savedQuery: components["schemas"]["SavedQuery"] | null;
            /** @example null */
            text: string | null;
            /** @example 0 */
            x: number;
            /** @example 0 */
            y: number;
            /** @example 6 */
            w: number;
            /** @example 4 */
            h: number;
        };
        Board: {
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            /** @example Revenue by category */
            name: string;
            /** @example Without returns */
            description: string;
            /**
             * @example private
             * @enum {string}
             */
            visibility: "private" | "shared";
            /**
             * @description whose it is, told to admins; null: not told, or of the root key
             * @example null
             */
            owner: components["schemas"]["Owner"] | null;
            /**
             * @description whether it belongs to the account that asks
             * @example true
             */
            isOwn: boolean;
            /**
             * @description whether this key may change it
             * @example true
             */
            mayChange: boolean;
            /**
             * @description counts the changes
             * @example 1
             */
            revision: number;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            updatedAt: string;
            /** @example null */
            refreshSeconds: number | null;
            /** @example 6 */
            tileCount: number;
            tiles: components["schemas"]["BoardTile"][];
        };
        ChangeBoardBody: {
            /**
             * @description shared: for whoever may query its dataset and members, and gets the same rows of them as its author, or all rows
             * @default private
             * @enum {string}
             */
            visibility?: "private" | "shared";
            /**
             * @description how often whoever shows it queries its tiles anew; null: when somebody asks. Each time is paid
             * @example null
             */
            refreshSeconds?: number | null;
            /** @description on a grid of 12 columns */
            tiles: components["schemas"]["BoardTileBody"][];
            /**
             * @description the revision that was read: 409 where there is a later one, so that nothing is overwritten unseen
             * @example 1
             */
            revision: number;
            /** @example Revenue by category */
            name: string;
            /** @example Without returns */
            description?: string;
        };
        SavedQueryBody: {
            /**
             * @description shared: for whoever may query its dataset and members, and gets the same rows of them as its author, or all rows
             * @default private
             * @enum {string}
             */
            visibility?: "private" | "shared";
            /**
             * @description as the body of `POST /v1/query`, at most 32 KiB. It is checked and not executed
             * @example {
             *       "dataset": "transactions",
             *       "measures": [
             *         "revenue"
             *       ],
             *       "dimensions": [
             *         "category"
             *       ],
             *       "order": [
             *         [
             *           "revenue",
             *           "desc"
             *         ]
             *       ]
             *     }
             */
            query: {
                [key: string]: unknown;
            };
            /** @description how its result is shown; a table where it is left out */
            view?: components["schemas"]["ResultView"];
            /** @example Revenue by category */
            name: string;
            /** @example Without returns */
            description?: string;
        };
        ChangeSavedQueryBody: {
            /**
             * @description shared: for whoever may query its dataset and members, and gets the same rows of them as its author, or all rows
             * @default private
             * @enum {string}
             */
            visibility?: "private" | "shared";
            /**
             * @description as the body of `POST /v1/query`, at most 32 KiB. It is checked and not executed
             * @example {
             *       "dataset": "transactions",
             *       "measures": [
             *         "revenue"
             *       ],
             *       "dimensions": [
             *         "category"
             *       ],
             *       "order": [
             *         [
             *           "revenue",
             *           "desc"
             *         ]
             *       ]
             *     }
             */
            query: {
                [key: string]: unknown;
            };
            /** @description how its result is shown; a table where it is left out */
            view?: components["schemas"]["ResultView"];
            /**
             * @description the revision that was read: 409 where there is a later one, so that nothing is overwritten unseen
             * @example 1
             */
            revision: number;
            /** @example Revenue by category */
            name: string;
            /** @example Without returns */
            description?: string;
        };
        DatasetMember: {
            /** @example revenue */
            name: string;
            /** @example Revenue */
            title: string;
            /**
             * @description how it is computed
             * @example revenue / transactions
             */
            description?: string;
            /**
             * @description text is "" when it is not set, the others are null; date is YYYY-MM-DD; timestamp is ISO-8601 UTC; decimal and integer are exact JSON numbers, number is a double
             * @example decimal
             * @enum {string}
             */
            type: "text" | "integer" | "decimal" | "number" | "boolean" | "date" | "timestamp";
            /**
             * @description time is a dimension that can be cut into periods by `timeDimension`
             * @example measure
             * @enum {string}
             */
            kind: "dimension" | "time" | "measure";
            /**
             * @description of a measure: the values of groups add up to that of all of them, as those of a count or a sum do
             * @example true
             */
            additive?: boolean;
        };
        DatasetInfo: {
            /** @example transactions */
            name: string;
            /** @example Transactions */
            title: string;
            /** @example Sales transactions, one record per product sold. */
            description: string;
            /**
             * @description the members that identify a row; none: every row counts
             * @example [
             *       "transaction_id"
             *     ]
             */
            key: string[];
            /**
             * @description the time that periods are of
             * @example transaction_date
             */
            timeDimension: string | null;
            members: components["schemas"]["DatasetMember"][];
            /** @example 9994 */
            rowCount: number;
            /**
             * Format: date-time
             * @description when rows last became visible
             * @example 2026-01-15T09:30:00.000Z
             */
            lastIngestion: string | null;
        };
        DeclaredDataset: {
            /** @example transactions */
            name: string;
            /** @example Transactions */
            title: string;
            /** @example Sales transactions, one record per product sold. */
            description: string;
            /**
             * @description the members that identify a row; none: every row counts
             * @example [
             *       "transaction_id"
             *     ]
             */
            key: string[];
            /**
             * @description the time that periods are of
             * @example transaction_date
             */
            timeDimension: string | null;
            members: components["schemas"]["DatasetMember"][];
            /** @example 9994 */
            rowCount: number;
            /**
             * Format: date-time
             * @description when rows last became visible
             * @example 2026-01-15T09:30:00.000Z
             */
            lastIngestion: string | null;
            /**
             * Format: uuid
             * @example 019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11
             */
            id: string;
            columns: components["schemas"]["DatasetColumn"][];
            /** @description as declared */
            measures: components["schemas"]["DatasetMeasure"][];
            price: components["schemas"]["DatasetPriceBody"] | null;
            /**
             * @example {
             *       "decimalSeparator": ","
             *     }
             */
            fileOptions: {
                [key: string]: unknown;
            };
            /**
             * @description counts the changes
             * @example 1
             */
            revision: number;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-15T09:30:00.000Z
             */
            updatedAt: string;
        };
        UpdateDatasetBody: {
            /** @description `rows` is always there */
            measures?: components["schemas"]["DatasetMeasure"][];
            /**
             * @description how its files are written where an upload does not say otherwise
             * @example {
             *       "decimalSeparator": ",",
             *       "thousandsSeparator": "."
             *     }
             */
            fileOptions?: {
                [key: string]: unknown;
            };
            /** @example Orders */
            title?: string;
            /** @example Lines of the orders of our shops */
            description?: string;
            /**
             * @description The date or timestamp that periods are of; the only one where it is left out, none for null
             * @example order_date
             */
            timeDimension?: string | null;
            price?: components["schemas"]["DatasetPriceBody"] | null;
            /** @description null in the rows from before */
            addColumns?: components["schemas"]["DatasetColumn"][];
            /** @description the columns cannot change: 409 when they differ. Add others with `addColumns` */
            columns?: {
                [key: string]: unknown;
            }[];
            /** @description the key cannot change: 409 when it differs */
            key?: string[];
        };
    };
    responses: {
        /**
         * @description Validation Failed
         *
         *     Validation Failed
         */
        VALIDATION_FAILED: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/validation-failed",
                 *       "title": "Validation Failed",
                 *       "status": 400,
                 *       "detail": "limit: must not be greater than 500",
                 *       "code": "VALIDATION_FAILED",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": [
                 *         {
                 *           "path": "limit",
                 *           "message": "must not be greater than 500"
                 *         }
                 *       ]
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unauthenticated */
        UNAUTHENTICATED: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/unauthenticated",
                 *       "title": "Unauthenticated",
                 *       "status": 401,
                 *       "detail": "Send a valid API key in the header x-api-key, or as Authorization: Bearer KEY.",
                 *       "code": "UNAUTHENTICATED",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Forbidden */
        FORBIDDEN: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/forbidden",
                 *       "title": "Forbidden",
                 *       "status": 403,
                 *       "detail": "This key may not do that; only an admin may.",
                 *       "code": "FORBIDDEN",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not Acceptable */
        NOT_ACCEPTABLE: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/not-acceptable",
                 *       "title": "Not Acceptable",
                 *       "status": 406,
                 *       "detail": "This route responds with application/json; Accept names none of them.",
                 *       "code": "NOT_ACCEPTABLE",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unavailable */
        UNAVAILABLE: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/unavailable",
                 *       "title": "Unavailable",
                 *       "status": 503,
                 *       "detail": "The database cannot be reached; try again.",
                 *       "code": "UNAVAILABLE",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not Found */
        NOT_FOUND: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/not-found",
                 *       "title": "Not Found",
                 *       "status": 404,
                 *       "detail": "The user does not exist.",
                 *       "code": "NOT_FOUND",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description Conflict
         *
         *     Conflict
         */
        CONFLICT: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/conflict",
                 *       "title": "Conflict",
                 *       "status": 409,
                 *       "detail": "This username is taken.",
                 *       "code": "CONFLICT",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Payload Too Large */
        PAYLOAD_TOO_LARGE: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/payload-too-large",
                 *       "title": "Payload Too Large",
                 *       "status": 413,
                 *       "detail": "The body must not be larger than 1024 KiB.",
                 *       "code": "PAYLOAD_TOO_LARGE",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unsupported Format */
        UNSUPPORTED_FORMAT: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/unsupported-format",
                 *       "title": "Unsupported Format",
                 *       "status": 415,
                 *       "detail": "The body must be application/json.",
                 *       "code": "UNSUPPORTED_FORMAT",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Idempotency Mismatch */
        IDEMPOTENCY_MISMATCH: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/idempotency-mismatch",
                 *       "title": "Idempotency Mismatch",
                 *       "status": 422,
                 *       "detail": "This Idempotency-Key was used with another body, route or response format (Accept); use a new one.",
                 *       "code": "IDEMPOTENCY_MISMATCH",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description Rate Limited
         *
         *     Rate Limited
         */
        RATE_LIMITED: {
            headers: {
                /** @description seconds until the next try */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/rate-limited",
                 *       "title": "Rate Limited",
                 *       "status": 429,
                 *       "detail": "This key may send 60 queries a minute. Try again in 12 s.",
                 *       "code": "RATE_LIMITED",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Ingestion Failed */
        INGESTION_FAILED: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/ingestion-failed",
                 *       "title": "Ingestion Failed",
                 *       "status": 422,
                 *       "detail": "The file has no rows.",
                 *       "code": "INGESTION_FAILED",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Insufficient Storage */
        INSUFFICIENT_STORAGE: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/insufficient-storage",
                 *       "title": "Insufficient Storage",
                 *       "status": 507,
                 *       "detail": "There is no room on the disk for this upload: it needs 5000000000 bytes, and 1000000000 bytes are free for uploads.",
                 *       "code": "INSUFFICIENT_STORAGE",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": [],
                 *       "requiredBytes": 5000000000,
                 *       "freeBytes": 1000000000
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Insufficient Credits */
        INSUFFICIENT_CREDITS: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/insufficient-credits",
                 *       "title": "Insufficient Credits",
                 *       "status": 402,
                 *       "detail": "This request costs 1 credit and the balance is 0. Ask the operator for more credits.",
                 *       "code": "INSUFFICIENT_CREDITS",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": [],
                 *       "required": 1,
                 *       "balance": 0
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Query Timeout */
        QUERY_TIMEOUT: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/query-timeout",
                 *       "title": "Query Timeout",
                 *       "status": 504,
                 *       "detail": "The query took longer than is allowed; narrow its filters or its date range.",
                 *       "code": "QUERY_TIMEOUT",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description Validation Failed
         *
         *     Validation Failed or Cost Limit Exceeded
         */
        "VALIDATION_FAILED.COST_LIMIT_EXCEEDED": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/validation-failed",
                 *       "title": "Validation Failed",
                 *       "status": 400,
                 *       "detail": "limit: must not be greater than 500",
                 *       "code": "VALIDATION_FAILED",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": [
                 *         {
                 *           "path": "limit",
                 *           "message": "must not be greater than 500"
                 *         }
                 *       ]
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Insufficient Credits or Key Credit Limit */
        "INSUFFICIENT_CREDITS.KEY_CREDIT_LIMIT": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/insufficient-credits",
                 *       "title": "Insufficient Credits",
                 *       "status": 402,
                 *       "detail": "This request costs 1 credit and the balance is 0. Ask the operator for more credits.",
                 *       "code": "INSUFFICIENT_CREDITS",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": [],
                 *       "required": 1,
                 *       "balance": 0
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description Conflict
         *
         *     Out Of Stock
         */
        OUT_OF_STOCK: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://countinghouse.dev/problems/out-of-stock",
                 *       "title": "Out Of Stock",
                 *       "status": 409,
                 *       "detail": "Insufficient stock of \"Yo-yo\": requested 5, available 3.",
                 *       "code": "OUT_OF_STOCK",
                 *       "requestId": "019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11",
                 *       "errors": []
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    audit_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description A user's id, or `root`. Example: `root`. */
                actor?: string;
                /** @description Example: `user.create`. */
                action?: string;
                /** @description The id of what was acted on. Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11`. */
                target?: string;
                /** @description From this time on. Example: `2026-01-01T00:00:00Z`. */
                from?: string;
                /** @description Before this time. Example: `2026-02-01T00:00:00Z`. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    credits_addCredits: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to send again: for 24 hours the same key with the same body gets the stored response, with `Idempotent-Replayed: true` and without a second effect. Use a random value such as a UUID, 1 to 255 printable ASCII characters. Another body, route or response format (`Accept`) with the key is refused with 422, and a request whose first one still runs with 409. Successes, 404 and 409 are stored; other refusals (400, 402, 429) and failures (5xx) change nothing and leave the key free. With a key a response is not streamed and may not be larger than 1 MiB (400, free of charge). */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddCreditsBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedCredits"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            422: components["responses"]["IDEMPOTENCY_MISMATCH"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    credits_ledger: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LedgerEntry"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                    "text/csv": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    credits_grants: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Grant"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    credits_voidGrant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Grant"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownledger_ledger: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description In place of an Accept header, for a link. Example: `csv`. */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LedgerEntry"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                    "text/csv": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownstatements_months: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StatementMonth"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownstatements_month: {
        parameters: {
            query?: {
                /** @description In place of an Accept header, for a link. Example: `csv`. */
                format?: "json" | "csv" | "html";
            };
            header?: never;
            path: {
                month: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                    "text/csv": string;
                    "text/html": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    statements_months: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StatementMonth"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    statements_month: {
        parameters: {
            query?: {
                /** @description In place of an Accept header, for a link. Example: `csv`. */
                format?: "json" | "csv" | "html";
            };
            header?: never;
            path: {
                id: string;
                month: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                    "text/csv": string;
                    "text/html": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    lowbalance_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LowBalance"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    lowbalance_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LowBalanceBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LowBalanceWithSecret"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    lowbalance_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    lowbalance_deliveries: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LowBalanceDelivery"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Webhook"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateWebhookBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateWebhookBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateSecretBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_deliveries: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookDelivery"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    webhooks_resend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                deliveryId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    stripe_receive: {
        parameters: {
            query?: never;
            header: {
                "Stripe-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceivedEvent"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    keys_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ManagedKey"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    keys_issue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateKeyBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKey"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    keys_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    keys_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateKeyBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedKey"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    keys_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateKeyBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKey"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownkeys_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Key"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownkeys_issue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateKeyBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedOwnKey"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownkeys_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateKeyBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedOwnKey"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownkeys_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sessions_current: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sessions_start: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedSession"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sessions_end: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    tickets_issue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    tokens_issue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateTokenBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    plans_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Plan"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    plans_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePlanBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    plans_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    plans_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    plans_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdatePlanBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    users_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to send again: for 24 hours the same key with the same body gets the stored response, with `Idempotent-Replayed: true` and without a second effect. Use a random value such as a UUID, 1 to 255 printable ASCII characters. Another body, route or response format (`Accept`) with the key is refused with 422, and a request whose first one still runs with 409. Successes, 404 and 409 are stored; other refusals (400, 402, 429) and failures (5xx) change nothing and leave the key free. With a key a response is not streamed and may not be larger than 1 MiB (400, free of charge). */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUserBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedUser"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            422: components["responses"]["IDEMPOTENCY_MISMATCH"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    users_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description Part of the username, a name or the email, ignoring case; of an encrypted email, the whole. Example: `ali`. */
                search?: string;
                /** @description Example: `member`. */
                role?: "admin" | "viewer" | "member";
                /** @description Example: `active`. */
                status?: "active" | "disabled";
                /** @description Only users with at most this many credits. Example: `9`. */
                maxCredits?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["User"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    users_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    users_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    users_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUserBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    users_usageOf: {
        parameters: {
            query?: {
                /** @description How many days, today included. Example: `30`. */
                days?: number;
                /** @description The whole time by key or by dataset in place of one row a day. Example: `key`. */
                by?: "key" | "dataset";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"] | components["schemas"]["UsageByKey"] | components["schemas"]["UsageByDataset"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    userscrud_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description Part of the first or last name, ignoring case. Example: `ada`. */
                name?: string;
                /** @description The whole email, ignoring case. Example: `alice@example.com`. */
                email?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["User"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    userscrud_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUserBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserWithKey"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    userscrud_events: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last event that arrived */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An endless stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["User"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    userscrud_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    userscrud_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    me_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    me_plan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnPlanReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    me_myUsage: {
        parameters: {
            query?: {
                /** @description How many days, today included. Example: `30`. */
                days?: number;
                /** @description The whole time by key or by dataset in place of one row a day. Example: `key`. */
                by?: "key" | "dataset";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"] | components["schemas"]["UsageByKey"] | components["schemas"]["UsageByDataset"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    logs_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /**
                 * @description `pagination.nextCursor` of the page before: goes through the whole log without gaps, and as fast at its end as at
                 *     its start. Not together with offset. Example: `MjAyNi0wMS0zMVQxMjowMDowMC4wMDAwMDBaIDAxOWFhNGMyLTdhM2UtN2NjMS1iMGE1LTNmNmYzZjBmNWExMQ`.
                 */
                cursor?: string;
                /** @description Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11`. */
                userId?: string;
                /** @description Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14`. */
                keyId?: string;
                /** @description A route's pattern. Example: `/v1/query`. */
                endpoint?: string;
                /** @description Only queries of this dataset. Example: `transactions`. */
                dataset?: string;
                /** @description Example: `402`. */
                status?: number;
                /** @description Only what was answered with 400 or above; with false, only what was not. Example: `true`. */
                error?: boolean;
                /** @description With false, without what the console asks for by itself; with true, only that. Example: `false`. */
                console?: boolean;
                /** @description From this time on. Example: `2026-01-01T00:00:00Z`. */
                from?: string;
                /** @description Before this time. Example: `2026-02-01T00:00:00Z`. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LogEntry"][];
                        pagination: components["schemas"]["LogPagination"];
                    };
                    "text/csv": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    logs_listDetailed: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /**
                 * @description `pagination.nextCursor` of the page before: goes through the whole log without gaps, and as fast at its end as at
                 *     its start. Not together with offset. Example: `MjAyNi0wMS0zMVQxMjowMDowMC4wMDAwMDBaIDAxOWFhNGMyLTdhM2UtN2NjMS1iMGE1LTNmNmYzZjBmNWExMQ`.
                 */
                cursor?: string;
                /** @description Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11`. */
                userId?: string;
                /** @description Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14`. */
                keyId?: string;
                /** @description A route's pattern. Example: `/v1/query`. */
                endpoint?: string;
                /** @description Only queries of this dataset. Example: `transactions`. */
                dataset?: string;
                /** @description Example: `402`. */
                status?: number;
                /** @description Only what was answered with 400 or above; with false, only what was not. Example: `true`. */
                error?: boolean;
                /** @description With false, without what the console asks for by itself; with true, only that. Example: `false`. */
                console?: boolean;
                /** @description From this time on. Example: `2026-01-01T00:00:00Z`. */
                from?: string;
                /** @description Before this time. Example: `2026-02-01T00:00:00Z`. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DetailedLogEntry"][];
                        pagination: components["schemas"]["LogPagination"];
                    };
                    "text/csv": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    logs_stats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ownlogs_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /**
                 * @description `pagination.nextCursor` of the page before: goes through the whole log without gaps, and as fast at its end as at
                 *     its start. Not together with offset. Example: `MjAyNi0wMS0zMVQxMjowMDowMC4wMDAwMDBaIDAxOWFhNGMyLTdhM2UtN2NjMS1iMGE1LTNmNmYzZjBmNWExMQ`.
                 */
                cursor?: string;
                /** @description Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14`. */
                keyId?: string;
                /** @description A route's pattern. Example: `/v1/query`. */
                endpoint?: string;
                /** @description Only queries of this dataset. Example: `transactions`. */
                dataset?: string;
                /** @description Example: `402`. */
                status?: number;
                /** @description Only what was answered with 400 or above; with false, only what was not. Example: `true`. */
                error?: boolean;
                /** @description With false, without what the console asks for by itself; with true, only that. Example: `false`. */
                console?: boolean;
                /** @description From this time on. Example: `2026-01-01T00:00:00Z`. */
                from?: string;
                /** @description Before this time. Example: `2026-02-01T00:00:00Z`. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["OwnLogEntry"][];
                        pagination: components["schemas"]["LogPagination"];
                    };
                    "text/csv": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ingestions_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                status?: "queued" | "running" | "succeeded" | "failed" | "canceled";
                dataset?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["IngestionResponse"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ingestions_create: {
        parameters: {
            query?: {
                /** @description Dataset that the rows go into. */
                dataset?: string;
                /** @description Format of the file; detected from the content type, the file name or the content when left out. */
                format?: "csv" | "tsv" | "json" | "ndjson" | "xml" | "parquet";
                /**
                 * @description Encoding of a text file: a byte order mark decides; without one it is what XML declares, else
                 *     the charset of the content type, else UTF-8.
                 */
                encoding?: "utf-8" | "utf-16" | "utf-16le" | "utf-16be" | "windows-1252";
                /** @description Name to show for the file. */
                fileName?: string;
                /**
                 * @description JSON: dataset column to source header, constant or template, such as
                 *     `{"TransactionId":"Row ID","TransactionDate":{"from":"Order Date","format":"M/D/YYYY"},"TotalPrice":"Sales"}`.
                 *     Without it headers match by name. A template's `{#row}` counts the records of the file that is sent.
                 */
                mapping?: string;
                /** @description What stands before the decimals of the file's numbers: `.` or `,`. A column's mapping may set its own. */
                decimalSeparator?: "." | ",";
                /**
                 * @description What stands between groups of three digits of the file's numbers: `.`, `,`, `'` or a blank (a no-break space too);
                 *     none when left out. `1.234` is 1.234 unless `thousandsSeparator` is `.`.
                 */
                thousandsSeparator?: "" | "." | "," | "'" | " ";
                /**
                 * @description Texts that stand for no value besides the empty one, as a JSON list: `["NA","n/a","-"]`. Blanks around a value do not
                 *     count; case does.
                 */
                nullValues?: string;
                /** @description How dates and timestamps are written, such as `M/D/YYYY` or `DD.MM.YYYY`, where they are not ISO. A column's mapping may set its own. */
                dateFormat?: string;
                /** @description Time zone of timestamps that are written without one, such as `Europe/Berlin`; UTC when left out. */
                timezone?: string;
                /** @description `accounting` reads `$1,234.50` and `(45.00)`, which is negative; otherwise such numbers are rejected. */
                numberStyle?: "plain" | "accounting";
                /** @description Numbers with more decimals than their column has: rejected (`exact`), or rounded half away from zero (`round`). */
                scale?: "exact" | "round";
                /**
                 * @description What stands between the values of CSV and TSV: one ASCII character, or `tab`. It goes before a first line such as `sep=;`;
                 *     when left out, that line or the header tells it.
                 */
                delimiter?: string;
                /** @description What quotes values of CSV and TSV; with `none`, quotes are text like any other and no value spans lines. */
                quote?: "\"" | "'" | "none";
                /**
                 * @description Lines of CSV, TSV or NDJSON before the table that are no part of it, 0 to 1000. They may hold anything; line numbers of
                 *     rejected rows count them.
                 */
                skipLines?: string;
                /** @description Name of the XML element that is a record, wherever it stands; found by itself when left out. */
                recordElement?: string;
                /** @description What one bad row does: it is set aside, or nothing of the file becomes visible. */
                onError?: "quarantine" | "abort";
                /**
                 * @description Rejected rows that the load may have, as a number or as a percentage of its rows (`5%`); with more it fails, and nothing
                 *     of the file becomes visible.
                 */
                maxRejected?: string;
                /** @description Load a file whose content is loaded already. */
                force?: "true" | "false";
                /** @description Answer when the job has ended (200; 422 when it failed) instead of at once (202). */
                wait?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["UploadForm"];
            };
        };
        responses: {
            /** @description succeeded or canceled (`wait=true`), or this content was loaded before (`duplicate`) */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IngestionResponse"];
                };
            };
            /** @description queued */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IngestionResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            422: components["responses"]["INGESTION_FAILED"];
            503: components["responses"]["UNAVAILABLE"];
            507: components["responses"]["INSUFFICIENT_STORAGE"];
        };
    };
    ingestions_datasets: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["FileDataset"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ingestions_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IngestionResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ingestions_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IngestionDeletedResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ingestions_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IngestionResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ingestions_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["IngestionResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    ingestions_rejects: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description The reasons, and how many rows each has rejected, instead of the rows. Only as JSON. */
                summary?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["RejectResponse"][] | components["schemas"]["RejectSummaryResponse"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                    "text/csv": string;
                    "text/tab-separated-values": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    inference_infer: {
        parameters: {
            query?: {
                /** @description Dataset that the rows go into. */
                dataset?: string;
                /** @description Format of the file; detected from the content type, the file name or the content when left out. */
                format?: "csv" | "tsv" | "json" | "ndjson" | "xml" | "parquet";
                /**
                 * @description Encoding of a text file: a byte order mark decides; without one it is what XML declares, else
                 *     the charset of the content type, else UTF-8.
                 */
                encoding?: "utf-8" | "utf-16" | "utf-16le" | "utf-16be" | "windows-1252";
                /** @description Name to show for the file. */
                fileName?: string;
                /**
                 * @description JSON: dataset column to source header, constant or template, such as
                 *     `{"TransactionId":"Row ID","TransactionDate":{"from":"Order Date","format":"M/D/YYYY"},"TotalPrice":"Sales"}`.
                 *     Without it headers match by name. A template's `{#row}` counts the records of the file that is sent.
                 */
                mapping?: string;
                /** @description What stands before the decimals of the file's numbers: `.` or `,`. A column's mapping may set its own. */
                decimalSeparator?: "." | ",";
                /**
                 * @description What stands between groups of three digits of the file's numbers: `.`, `,`, `'` or a blank (a no-break space too);
                 *     none when left out. `1.234` is 1.234 unless `thousandsSeparator` is `.`.
                 */
                thousandsSeparator?: "" | "." | "," | "'" | " ";
                /**
                 * @description Texts that stand for no value besides the empty one, as a JSON list: `["NA","n/a","-"]`. Blanks around a value do not
                 *     count; case does.
                 */
                nullValues?: string;
                /** @description How dates and timestamps are written, such as `M/D/YYYY` or `DD.MM.YYYY`, where they are not ISO. A column's mapping may set its own. */
                dateFormat?: string;
                /** @description Time zone of timestamps that are written without one, such as `Europe/Berlin`; UTC when left out. */
                timezone?: string;
                /** @description `accounting` reads `$1,234.50` and `(45.00)`, which is negative; otherwise such numbers are rejected. */
                numberStyle?: "plain" | "accounting";
                /** @description Numbers with more decimals than their column has: rejected (`exact`), or rounded half away from zero (`round`). */
                scale?: "exact" | "round";
                /**
                 * @description What stands between the values of CSV and TSV: one ASCII character, or `tab`. It goes before a first line such as `sep=;`;
                 *     when left out, that line or the header tells it.
                 */
                delimiter?: string;
                /** @description What quotes values of CSV and TSV; with `none`, quotes are text like any other and no value spans lines. */
                quote?: "\"" | "'" | "none";
                /**
                 * @description Lines of CSV, TSV or NDJSON before the table that are no part of it, 0 to 1000. They may hold anything; line numbers of
                 *     rejected rows count them.
                 */
                skipLines?: string;
                /** @description Name of the XML element that is a record, wherever it stands; found by itself when left out. */
                recordElement?: string;
                /** @description What one bad row does: it is set aside, or nothing of the file becomes visible. */
                onError?: "quarantine" | "abort";
                /**
                 * @description Rejected rows that the load may have, as a number or as a percentage of its rows (`5%`); with more it fails, and nothing
                 *     of the file becomes visible.
                 */
                maxRejected?: string;
                /** @description Load a file whose content is loaded already. */
                force?: "true" | "false";
                /** @description Answer when the job has ended (200; 422 when it failed) instead of at once (202). */
                wait?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["UploadForm"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InferenceResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
            507: components["responses"]["INSUFFICIENT_STORAGE"];
        };
    };
    sources_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                /** @description of a dataset that takes files */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Source"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sources_create: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description of a dataset that takes files */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSourceBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sources_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description of a dataset that takes files */
                name: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sources_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description of a dataset that takes files */
                name: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sources_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description of a dataset that takes files */
                name: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateSourceBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sources_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description of a dataset that takes files */
                name: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunSourceBody"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    sources_objects: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                /** @description of a dataset that takes files */
                name: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SourceObject"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    adminendpoints_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EndpointResponse"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    adminendpoints_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    adminendpoints_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    adminendpoints_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    endpoints_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AvailableEndpoint"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    endpoints_document: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenApiDocument"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    endpoints_call: {
        parameters: {
            query?: {
                /** @description goes before `Accept` */
                format?: "json" | "csv" | "ndjson" | "parquet" | "arrow";
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The result */
            200: {
                headers: {
                    /** @description credits that this query cost */
                    "x-credits-charged"?: number;
                    /** @description credits that are left */
                    "x-credits-remaining"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueryResponse"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.apache.parquet": string;
                    "application/vnd.apache.arrow.stream": string;
                };
            };
            /** @description The result is the one that the client has */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            402: components["responses"]["INSUFFICIENT_CREDITS"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
            504: components["responses"]["QUERY_TIMEOUT"];
        };
    };
    membervalues_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Part of the value, ignoring case. Example: `ger`. */
                search?: string;
            };
            header?: never;
            path: {
                name: string;
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberValues"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
            504: components["responses"]["QUERY_TIMEOUT"];
        };
    };
    queries_query: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to send again: for 24 hours the same key with the same body gets the stored response, with `Idempotent-Replayed: true` and without a second effect. Use a random value such as a UUID, 1 to 255 printable ASCII characters. Another body, route or response format (`Accept`) with the key is refused with 422, and a request whose first one still runs with 409. Successes, 404 and 409 are stored; other refusals (400, 402, 429) and failures (5xx) change nothing and leave the key free. With a key a response is not streamed and may not be larger than 1 MiB (400, free of charge). */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueryRequest"];
            };
        };
        responses: {
            /** @description The result */
            200: {
                headers: {
                    /** @description credits that this query cost */
                    "x-credits-charged"?: number;
                    /** @description credits that are left */
                    "x-credits-remaining"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueryResponse"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.apache.parquet": string;
                    "application/vnd.apache.arrow.stream": string;
                };
            };
            400: components["responses"]["VALIDATION_FAILED.COST_LIMIT_EXCEEDED"];
            401: components["responses"]["UNAUTHENTICATED"];
            402: components["responses"]["INSUFFICIENT_CREDITS.KEY_CREDIT_LIMIT"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            422: components["responses"]["IDEMPOTENCY_MISMATCH"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
            504: components["responses"]["QUERY_TIMEOUT"];
        };
    };
    queries_dryRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueryRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DryRunResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    mcp_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description The response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description A notification was taken */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    categories_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Category"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    categories_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCategoryBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Category"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    categories_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Category"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    categories_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCategoryBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Category"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    categories_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    categories_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateCategoryBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Category"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    products_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description Example: `19.99`. */
                minPrice?: string & (Decimal | string);
                /** @description Example: `19.99`. */
                maxPrice?: string & (Decimal | string);
                sort?: "name" | "price" | "-price" | "-sold" | "-createdAt";
                /** @description Part of the name, ignoring case. Example: `yo`. */
                name?: string;
                /** @description Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11`. */
                categoryId?: string;
                /** @description Example: `true`. */
                isActive?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Product"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    products_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateProductBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    products_createAll: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to send again: for 24 hours the same key with the same body gets the stored response, with `Idempotent-Replayed: true` and without a second effect. Use a random value such as a UUID, 1 to 255 printable ASCII characters. Another body, route or response format (`Accept`) with the key is refused with 422, and a request whose first one still runs with 409. Successes, 404 and 409 are stored; other refusals (400, 402, 429) and failures (5xx) change nothing and leave the key free. With a key a response is not streamed and may not be larger than 1 MiB (400, free of charge). */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateProductsBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedProducts"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            422: components["responses"]["IDEMPOTENCY_MISMATCH"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    products_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    products_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateProductBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    products_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    products_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateProductBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    customers_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description Part of the name, ignoring case. Example: `ada`. */
                name?: string;
                /** @description The whole address, ignoring case. Example: `ada@example.com`. */
                email?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CustomerResponse"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    customers_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCustomerBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    customers_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    customers_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCustomerBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    customers_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    customers_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateCustomerBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    orders_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description Example: `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11`. */
                customerId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Order"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    orders_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to send again: for 24 hours the same key with the same body gets the stored response, with `Idempotent-Replayed: true` and without a second effect. Use a random value such as a UUID, 1 to 255 printable ASCII characters. Another body, route or response format (`Accept`) with the key is refused with 422, and a request whose first one still runs with 409. Successes, 404 and 409 are stored; other refusals (400, 402, 429) and failures (5xx) change nothing and leave the key free. With a key a response is not streamed and may not be larger than 1 MiB (400, free of charge). */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateOrderBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["OUT_OF_STOCK"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            422: components["responses"]["IDEMPOTENCY_MISMATCH"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    orders_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    orders_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    reports_countryRevenue: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description One country, as it is written in the data. Example: `France`. */
                country?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description whether it came from the cache */
                    "x-cache"?: "hit" | "miss";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CountryRevenueReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    reports_topProducts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description whether it came from the cache */
                    "x-cache"?: "hit" | "miss";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopProductsReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    reports_monthlySales: {
        parameters: {
            query?: {
                /** @description Example: `2024`. */
                year?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description whether it came from the cache */
                    "x-cache"?: "hit" | "miss";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonthlySalesReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    reports_regionRevenue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description whether it came from the cache */
                    "x-cache"?: "hit" | "miss";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionRevenueReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    reports_overview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description whether it came from the cache */
                    "x-cache"?: "hit" | "miss";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverviewReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    reports_productReport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description whether it came from the cache */
                    "x-cache"?: "hit" | "miss";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    reports_topCustomers: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description whether it came from the cache */
                    "x-cache"?: "hit" | "miss";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopCustomersReport"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    views_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewStatuses"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    views_refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefreshedViews"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    live_socket: {
        parameters: {
            query?: {
                /** @description of `POST /v1/realtime/ticket`, in place of the key */
                ticket?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a WebSocket, whose messages are frames */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    live_stream: {
        parameters: {
            query?: {
                /** @description of `POST /v1/realtime/ticket`, in place of the key */
                ticket?: string;
            };
            header?: {
                /** @description accepted and ignored: a snapshot comes first */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An endless stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["SnapshotFrame"] | components["schemas"]["MetricsFrame"] | components["schemas"]["EventFrame"] | components["schemas"]["IngestionFrame"] | components["schemas"]["DashboardFrame"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    metrics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MetricsResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    events_ingest: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventInput"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IngestResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    events_ingestBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description or a line of JSON for each event, as `application/x-ndjson` */
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventInput"][];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResponse"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    health_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveResponse"];
                };
            };
            406: components["responses"]["NOT_ACCEPTABLE"];
        };
    };
    health_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthResponse"];
                };
            };
            406: components["responses"]["NOT_ACCEPTABLE"];
            /** @description an engine does not respond */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthResponse"];
                };
            };
        };
    };
    health_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    settings_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    settings_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnginesHealth"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    boards_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description Part of the name or the description, ignoring case. Example: `revenue`. */
                search?: string;
                /** @description Only your own. Example: `true`. */
                mine?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["BoardSummary"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    boards_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BoardBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    boards_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    boards_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeBoardBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    boards_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    savedqueries_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                /** @description Part of the name or the description, ignoring case. Example: `revenue`. */
                search?: string;
                /** @description Only your own. Example: `true`. */
                mine?: boolean;
                /** @description Those of one dataset. Example: `transactions`. */
                dataset?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SavedQuery"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    savedqueries_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SavedQueryBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedQuery"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    savedqueries_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedQuery"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    savedqueries_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeSavedQueryBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedQuery"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    savedqueries_remove: {
        parameters: {
            query?: {
                /** @description Also where dashboards have it: its tiles are removed from them. Example: `true`. */
                force?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    datasets_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DatasetInfo"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    datasets_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetInfo"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            429: components["responses"]["RATE_LIMITED"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    declareddatasets_list: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeclaredDataset"][];
                        pagination: components["schemas"]["Pagination"];
                    };
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    declareddatasets_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateDatasetBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeclaredDataset"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    declareddatasets_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeclaredDataset"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    declareddatasets_drop: {
        parameters: {
            query?: {
                /** @description The dataset's name again. Example: `orders`. */
                confirm?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
    declareddatasets_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateDatasetBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeclaredDataset"];
                };
            };
            400: components["responses"]["VALIDATION_FAILED"];
            401: components["responses"]["UNAUTHENTICATED"];
            403: components["responses"]["FORBIDDEN"];
            404: components["responses"]["NOT_FOUND"];
            406: components["responses"]["NOT_ACCEPTABLE"];
            409: components["responses"]["CONFLICT"];
            413: components["responses"]["PAYLOAD_TOO_LARGE"];
            415: components["responses"]["UNSUPPORTED_FORMAT"];
            503: components["responses"]["UNAVAILABLE"];
        };
    };
}
