export declare const auth: import("@keystile/core").Auth<readonly [import("@keystile/plugins/username").UsernamePlugin], {
    readonly plan: {
        readonly type: readonly ["free", "pro"];
        readonly required: true;
    };
    readonly age: {
        readonly type: "number";
        readonly required: false;
    };
    readonly score: {
        readonly type: "number";
        readonly defaultValue: 0;
    };
    readonly role: {
        readonly type: "string";
        readonly input: false;
        readonly defaultValue: "user";
    };
    readonly secretNote: {
        readonly type: "string";
        readonly required: false;
        readonly returned: false;
    };
    readonly colour: {
        readonly type: "string";
        readonly required: false;
        readonly validator: {
            readonly input: import("@keystile/core").FieldSchema<"blue" | "red", "blue" | "red">;
        };
    };
    readonly born: {
        readonly type: "date";
        readonly validator: {
            readonly input: import("@keystile/core").FieldSchema<string, Date>;
        };
    };
}, {
    readonly device: {
        readonly type: "string";
        readonly required: false;
    };
}>;
export declare const session: (h: Headers) => Promise<{
    session: {
        id: string;
        token: string;
        userId: string;
        expiresAt: Date;
        createdAt: Date;
        updatedAt: Date;
        ipAddress: string | null;
        userAgent: string | null;
        device: string | null;
    };
    user: {
        id: string;
        name: string;
        email: string;
        emailVerified: boolean;
        image: string | null;
        createdAt: Date;
        updatedAt: Date;
        username: string | null;
        displayUsername: string | null;
        plan: "free" | "pro";
        age: number | null;
        score: number;
        role: string;
        colour: "blue" | "red" | null;
        born: Date;
    };
} | null>;
export declare const made: () => Promise<{
    token: string | null;
    user: {
        id: string;
        name: string;
        email: string;
        emailVerified: boolean;
        image: string | null;
        createdAt: Date;
        updatedAt: Date;
        username: string | null;
        displayUsername: string | null;
        plan: "free" | "pro";
        age: number | null;
        score: number;
        role: string;
        colour: "blue" | "red" | null;
        born: Date;
    };
}>;
