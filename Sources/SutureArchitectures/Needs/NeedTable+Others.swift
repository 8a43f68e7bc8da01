/// Encoders, and decoders that look at an encoder.
extension NeedTable {
    static let othersToo = """
        bart blenderbot-small mvp plbart: $bart ^embed_positions ^embed_tokens ^layernorm_embedding+ head
        bert encoder-decoder speech-encoder-decoder vision-encoder-decoder: $bert $embeddings
        bert-generation: $bert ^^embeddings.LayerNorm+ ^^embeddings.position_embeddings ^^embeddings.word_embeddings
        big_bird: attention.output.{LayerNorm,dense}+ attention.self.{key,query,value}+use_bias! intermediate.dense+ \
        output.{LayerNorm,dense}+ $embeddings
        bigbird_pegasus: encoder_attn_layer_norm+ final_layer_norm+ self_attn_layer_norm+ \
        encoder_attn.{q,k,v,out}_proj+use_bias fc1+ fc2+ self_attn.{q,k,v,out}_proj+use_bias ^embed_positions \
        ^embed_tokens ^layernorm_embedding+ head
        blenderbot: $bart ^embed_positions ^embed_tokens ^layer_norm+ head
        blip: attention.output.{LayerNorm,dense}+ attention.self.{key,query,value}+ \
        crossattention.output.{LayerNorm,dense}+?is_decoder! crossattention.self.{key,query,value}+?is_decoder! \
        intermediate.dense+ output.{LayerNorm,dense}+ ^^embeddings.LayerNorm+ ^^embeddings.position_embeddings \
        ^^embeddings.word_embeddings
        camembert data2vec-text electra roberta xlm-roberta: $bert $embeddings head
        canary: final_layernorm+ input_layernorm+ post_attention_layernorm+ \
        encoder_attn.{q,k,v,o}_proj+attention_bias! mlp.{fc1,fc2}+ self_attn.{q,k,v,o}_proj+attention_bias! \
        ^embed_tokens ^embedding_layernorm+ ^norm+ head
        convbert: attention.output.{LayerNorm,dense}+ \
        attention.self.{conv_kernel_layer,conv_out_layer,key,query,value}+ \
        attention.self.key_conv_attn_layer.{bias,depthwise,pointwise} intermediate.dense+ output.{LayerNorm,dense}+ \
        $embeddings
        deberta: attention.output.{LayerNorm,dense}+ attention.self.in_proj attention.self.{q_bias,v_bias} \
        intermediate.dense+ output.{LayerNorm,dense}+ ^^embeddings.LayerNorm+ \
        ^^embeddings.position_embeddings?position_biased_input! ^^embeddings.word_embeddings \
        ^rel_embeddings?relative_attention
        deberta-v2: attention.output.{LayerNorm,dense}+ attention.self.{key,query,value}_proj+ intermediate.dense+ \
        output.{LayerNorm,dense}+ ^^embeddings.LayerNorm+ ^^embeddings.position_embeddings?position_biased_input! \
        ^^embeddings.word_embeddings ^rel_embeddings?relative_attention
        dia: pre_ca_norm pre_mlp_norm pre_sa_norm cross_attention.{q,k,v,o}_proj mlp.{gate_up,down}_proj \
        self_attention.{q,k,v,o}_proj ^embeddings.embed ^norm
        distilbert: output_layer_norm+ sa_layer_norm+ attention.{k_lin,out_lin,q_lin,v_lin}+ ffn.{lin1,lin2}+ \
        ^^embeddings.LayerNorm+ ^^embeddings.position_embeddings ^^embeddings.word_embeddings
        ernie: $bert $embeddings ^^embeddings.task_type_embeddings?use_task_id
        esm: LayerNorm+ attention.LayerNorm+ attention.output.dense+ attention.self.{key,query,value}+ \
        intermediate.dense+ output.dense+ ^^embeddings.word_embeddings ^emb_layer_norm_after+ \
        ^^embeddings.layer_norm?emb_layer_norm_before
        florence2 led: $bart ^^shared ^embed_positions ^layernorm_embedding+ head
        fnet: fourier.output.LayerNorm+ intermediate.dense+ output.{LayerNorm,dense}+ \
        fourier.self.{dft_mat_hidden,dft_mat_seq}?use_tpu_fourier_optimizations ^^embeddings.LayerNorm+ \
        ^^embeddings.position_embeddings ^^embeddings.projection+ ^^embeddings.token_type_embeddings \
        ^^embeddings.word_embeddings
        fsmt: $bart ^embed_positions ^embed_tokens head
        gpt-sw3 gpt2: attn.c_attn+ attn.c_proj+ ln_1+ ln_2+ mlp.c_fc+ mlp.c_proj+ \
        crossattention.{c_attn,q_attn}?add_cross_attention crossattention.c_proj?add_cross_attention \
        ln_cross_attn?add_cross_attention ^ln_f+ ^wpe ^wte head
        gte: attention.{qkv,o}_proj+ attn_ln+ mlp_ln+ mlp.down_proj+ mlp.up_gate_proj ^^embeddings.LayerNorm+ \
        ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings
        jina_embeddings_v3: norm1+ norm2+ mixer.Wqkv+ mixer.out_proj+ mlp.{fc1,fc2}+ ^^emb_ln+ \
        ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings
        kosmos-2: final_layer_norm+ self_attn_layer_norm+ ffn.{fc1,fc2}+ ffn.ffn_layernorm+ self_attn.inner_attn_ln+ \
        self_attn.{q,k,v,out}_proj+ encoder_attn_layer_norm?add_cross_attention \
        encoder_attn.{q,k,v,out}_proj?add_cross_attention ^embed_tokens ^layer_norm+ head
        layoutlm: $bert ^^embeddings.LayerNorm+ ^^embeddings.h_position_embeddings ^^embeddings.position_embeddings \
        ^^embeddings.token_type_embeddings ^^embeddings.w_position_embeddings ^^embeddings.word_embeddings \
        ^^embeddings.x_position_embeddings ^^embeddings.y_position_embeddings
        longformer: attention.output.{LayerNorm,dense}+ \
        attention.self.{key,key_global,query,query_global,value,value_global}+ intermediate.dense+ \
        output.{LayerNorm,dense}+ $embeddings
        longt5 t5 udop: layer.0.SelfAttention.{q,k,v,o} layer.0.layer_norm layer.1.EncDecAttention.{q,k,v,o} \
        layer.1.layer_norm layer.2.DenseReluDense.wo layer.2.layer_norm (layer.2.DenseReluDense.wi | \
        layer.2.DenseReluDense.{wi_0,wi_1}) layer.0.SelfAttention.relative_attention_bias@first ^^shared \
        ^final_layer_norm head
        luke: attention.output.{LayerNorm,dense}+ \
        attention.self.{e2e_query,e2w_query,w2e_query}+?use_entity_aware_attention! \
        attention.self.{key,query,value}+ intermediate.dense+ output.{LayerNorm,dense}+ $embeddings
        m2m_100: $bart ^^shared ^layer_norm+ head
        marian: $bart ^embed_tokens head
        mbart pp_formulanet: $bart ^embed_positions ^embed_tokens ^layer_norm+ ^layernorm_embedding+ head
        megatron-bert: attention.ln+ attention.output.dense+ attention.self.{key,query,value}+ intermediate.dense+ \
        ln+ output.dense+ ^^embeddings.position_embeddings ^^embeddings.token_type_embeddings \
        ^^embeddings.word_embeddings ^ln+
        mllama: $norms $mlp ($qkvo | cross_attn.{q,k}_norm cross_attn.{q,k,v,o}_proj cross_attn_attn_gate \
        cross_attn_mlp_gate) $ends
        mobilebert: attention.output.{LayerNorm,dense}+ attention.self.{key,query,value}+ \
        bottleneck.attention.{LayerNorm,dense}+?key_query_shared_bottleneck!&use_bottleneck! \
        bottleneck.input.{LayerNorm,dense}+?use_bottleneck! ffn.0.intermediate.dense+ \
        ffn.0.output.{LayerNorm,dense}+ ffn.1.intermediate.dense+ ffn.1.output.{LayerNorm,dense}+ \
        ffn.2.intermediate.dense+ ffn.2.output.{LayerNorm,dense}+ intermediate.dense+ output.{LayerNorm,dense}+ \
        output.bottleneck.{LayerNorm,dense}+?use_bottleneck! ^^embeddings.LayerNorm+ \
        ^^embeddings.embedding_transformation+ ^^embeddings.position_embeddings ^^embeddings.token_type_embeddings \
        ^^embeddings.word_embeddings
        moonshine: final_layernorm $norms encoder_attn.{q,k,v}_proj+attention_bias encoder_attn.o_proj \
        mlp.{fc1,fc2}+ self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj $ends
        mpnet: attention.LayerNorm+ attention.attn.{q,k,v,o}+ intermediate.dense+ output.{LayerNorm,dense}+ \
        ^^embeddings.LayerNorm+ ^^embeddings.position_embeddings ^^embeddings.word_embeddings \
        ^relative_attention_bias
        mra: $bert ^^embeddings.LayerNorm+ ^^embeddings.position_embeddings ^^embeddings.position_ids \
        ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings
        mt5: layer.0.SelfAttention.{q,k,v,o} layer.0.layer_norm layer.1.EncDecAttention.{q,k,v,o} layer.1.layer_norm \
        layer.2.DenseReluDense.wo layer.2.layer_norm (layer.2.DenseReluDense.{wi_0,wi_1} | \
        layer.2.DenseReluDense.wi) layer.0.SelfAttention.relative_attention_bias@first ^^shared ^final_layer_norm \
        head
        nllb-moe: cross_attention_layer_norm+ ff_layer_norm+ self_attn_layer_norm+ cross_attention.{q,k,v,out}_proj+ \
        self_attn.{q,k,v,out}_proj+ (ffn.{fc1,fc2}+ | ffn.experts.#.{fc1,fc2}+ ffn.router.classifier) ^^shared \
        ^layer_norm+ head
        nomic_bert: norm1+ norm2+ attn.Wqkv attn.out_proj mlp.{fc11,fc12,fc2} ^^emb_ln+ \
        ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings
        nystromformer: attention.output.{LayerNorm,dense}+ attention.self.conv attention.self.{key,query,value}+ \
        intermediate.dense+ output.{LayerNorm,dense}+ $embeddings
        pegasus_x: encoder_attn_layer_norm+ final_layer_norm+ self_attn_layer_norm+ encoder_attn.{q,k,v,out}_proj \
        fc1+ fc2+ self_attn.{q,k,v,out}_proj ^^shared ^layer_norm+ head
        pop2piano: layer.0.SelfAttention.{q,k,v,o} layer.0.layer_norm layer.1.EncDecAttention.{q,k,v,o} \
        layer.1.layer_norm layer.2.DenseReluDense.wo layer.2.layer_norm (layer.2.DenseReluDense.{wi_0,wi_1} | \
        layer.2.DenseReluDense.wi) layer.0.SelfAttention.relative_attention_bias@first ^^mel_conditioner.embedding \
        ^^shared ^final_layer_norm head
        prophetnet: cross_attn_layer_norm+?add_cross_attention! feed_forward_layer_norm+ self_attn_layer_norm+ \
        cross_attn.{key,out,query,value}_proj+?add_cross_attention! feed_forward.{intermediate,output}+ \
        self_attn.{key,out,query,value}_proj+ self_attn.relative_pos_embeddings+ ^^word_embeddings \
        ^embeddings_layer_norm+ ^ngram_embeddings ^position_embeddings head
        reformer: attention.layer_norm+ attention.output.dense attention.self_attention.value \
        feed_forward.dense.dense+ feed_forward.layer_norm+ feed_forward.output.dense+ \
        (attention.self_attention.{key,query} | attention.self_attention.query_key) \
        ^^embeddings.position_embeddings.weights.0?axial_pos_embds! \
        ^^embeddings.position_embeddings.weights.1?axial_pos_embds! ^^embeddings.word_embeddings ^layer_norm+ \
        ^^embeddings.position_embeddings.embedding?-axial_pos_embds! head
        rembert: $bert $embeddings ^embedding_hidden_mapping_in+
        roberta-prelayernorm: attention.LayerNorm+ attention.output.dense+ attention.self.{key,query,value}+ \
        intermediate.{LayerNorm,dense}+ output.dense+ ^^LayerNorm+ $embeddings head
        roc_bert: $bert ^^embeddings.LayerNorm+ ^^embeddings.map_inputs_layer+?concat_input! \
        ^^embeddings.position_embeddings ^^embeddings.pronunciation_embed ^^embeddings.shape_embed \
        ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings
        roformer: $bert ^^embeddings.LayerNorm+ ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings \
        ^^embeddings_project?-embedding_size!
        seamless_m4t seamless_m4t_v2: cross_attention_layer_norm+ ffn_layer_norm+ self_attn_layer_norm+ \
        cross_attention.{q,k,v,out}_proj+ ffn.{fc1,fc2}+ self_attn.{q,k,v,out}_proj+ ^^shared \
        ^^text_encoder.layer_norm+ ^layer_norm+
        speech_to_text pegasus: $bart ^embed_tokens ^layer_norm+ head
        speecht5: encoder_attn_layer_norm+ final_layer_norm+ self_attn_layer_norm+ encoder_attn.{q,k,v,out}_proj+ \
        feed_forward.{intermediate_dense,output_dense}+ self_attn.{q,k,v,out}_proj+
        squeezebert: attention.{key,query,value}+ intermediate.conv1d+ output.{conv1d,layernorm}+ \
        post_attention.{conv1d,layernorm}+ $embeddings
        switch_transformers: layer.0.SelfAttention.{q,k,v,o} layer.0.layer_norm layer.1.EncDecAttention.{q,k,v,o} \
        layer.1.layer_norm layer.2.layer_norm layer.0.SelfAttention.relative_attention_bias@first \
        (layer.2.mlp.{wi,wo} | layer.2.mlp.experts.#.{wi,wo} layer.2.mlp.router.classifier) ^^shared \
        ^final_layer_norm head
        t5gemma: post_cross_attn_layernorm post_feedforward_layernorm post_self_attn_layernorm \
        pre_cross_attn_layernorm pre_feedforward_layernorm pre_self_attn_layernorm \
        cross_attn.{q,k,v,o}_proj+attention_bias $mlp $attn $ends
        tapas: $bert ^^embeddings.LayerNorm+ ^^embeddings.position_embeddings ^^embeddings.token_type_embeddings_0 \
        ^^embeddings.token_type_embeddings_1 ^^embeddings.token_type_embeddings_2 \
        ^^embeddings.token_type_embeddings_3 ^^embeddings.token_type_embeddings_4 \
        ^^embeddings.token_type_embeddings_5 ^^embeddings.token_type_embeddings_6 ^^embeddings.word_embeddings
        trocr: $bart ^embed_positions?use_learned_position_embeddings! ^embed_tokens \
        ^layernorm_embedding+?layernorm_embedding! head
        umt5: layer.0.SelfAttention.{q,k,v,relative_attention_bias,o} layer.0.layer_norm \
        layer.1.EncDecAttention.{q,k,v,o} layer.1.layer_norm layer.2.DenseReluDense.wo layer.2.layer_norm \
        (layer.2.DenseReluDense.{wi_0,wi_1} | layer.2.DenseReluDense.wi) ^^shared ^final_layer_norm head
        whisper: encoder_attn_layer_norm+ final_layer_norm+ self_attn_layer_norm+ encoder_attn.k_proj \
        encoder_attn.{q,v,out}_proj+ fc1+ fc2+ self_attn.k_proj self_attn.{q,v,out}_proj+ ^embed_positions \
        ^embed_tokens ^layer_norm+ head
        xglm: final_layer_norm+ self_attn_layer_norm+ fc1+ fc2+ self_attn.{q,k,v,out}_proj+ \
        encoder_attn_layer_norm?add_cross_attention encoder_attn.{q,k,v,out}_proj?add_cross_attention ^embed_tokens \
        ^layer_norm+ head
        xlm-roberta-xl: LayerNorm+ attention.output.dense+ attention.self.{key,query,value}+ \
        attention.self_attn_layer_norm+ intermediate.dense+ output.dense+ ^LayerNorm+ \
        ^^embeddings.position_embeddings ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings head
        xmod: $bert output.adapter_layer_norm?adapter_layer_norm $embeddings ^LayerNorm?pre_norm head
        yoso: $bert attention.self.conv?conv_window attention.self.conv?conv_window $embeddings
        cohere_asr: final_layernorm+ input_layernorm+ post_attention_layernorm+ \
        encoder_attn.{q,k,v,o}_proj+attention_bias! mlp.{fc1,fc2}+ self_attn.{q,k,v,o}_proj+attention_bias! \
        ^embed_tokens ^pos_emb ^embedding_layernorm+ ^norm+ head
        gte: post_{attention,mlp}_layernorm+ mlp.down_proj+ mlp.{gate,up}_proj self_attn.{q,k,v,o}_proj+ \
        ^embeddings.LayerNorm+ ^embeddings.{token_type,word}_embeddings
        jina_embeddings_v3: post_{attention,mlp}_layernorm+ mlp.{fc1,fc2}+ self_attn.{q,k,v,o}_proj+ \
        ^embeddings.LayerNorm+ ^embeddings.{token_type,word}_embeddings
        nomic_bert: post_{attention,mlp}_layernorm+ mlp.{gate,up,down}_proj self_attn.{q,k,v,o}_proj \
        ^embeddings.LayerNorm+ ^embeddings.{token_type,word}_embeddings
        """
}
