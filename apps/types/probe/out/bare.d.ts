export declare const auth: import("@keystile/core").Auth<readonly [], {}, {}>;
export declare const user: () => Promise<string | undefined>;
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
    };
}>;
